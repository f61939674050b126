#pragma once

#include "storage/archive.hpp"
#include "storage/blobs/blob_store.hpp"
#include "storage/index/database.hpp"
#include "storage/index/index_writer.hpp"

namespace punctum {

/// What a crash may have left, put in order before anybody asks. Compares names only; reads no file but orphans.
///  - files of rows that were removed: the rest of that removal;
///  - unfinished files: never acknowledged, removed;
///  - complete files without a row (its storing was not finished, never acknowledged either): adopted where `adopt` is
///  given and
///    understands them, else moved to the quarantine;
///  - rows without a file (somebody removed it): kept, marked and invisible to queries and retrieval, until the file is
///    back or the instance is sent again.
/// @throws StorageError
ReconcileReport reconcile(BlobStore& blobs, IndexWriter& index, const AdoptOrphan& adopt);

}  // namespace punctum
