#pragma once

#include <functional>

#include "storage/archive.hpp"
#include "storage/blobs/blob_store.hpp"
#include "storage/index/database.hpp"
#include "storage/index/index_writer.hpp"

namespace punctum {

/// @param files  those among these that are not empty have no row; more than `most_unfinished` were not all being
/// stored when a crash came, so the index is not the one that belongs to them.
/// @throws StorageError then: quarantined, they would pass for what nobody was told of, but they were acknowledged
void require_own_index(const BlobStore& blobs, const std::vector<std::string>& files, std::size_t most_unfinished);

/// What a crash may have left, put in order before anybody asks. Compares names only; reads no file but orphans.
///  - files of rows that were removed: the rest of that removal;
///  - unfinished files: never acknowledged, removed; but one that `is_whole` takes for a whole object is set aside,
///    since only its mode says that it is not (a copy of the data folder may have lost the modes);
///  - complete files without a row (its storing was not finished, never acknowledged either): adopted where `adopt` is
///    given and understands them, else set aside in the quarantine, which removes nothing for them;
///  - rows without a file (somebody removed it): kept, marked and invisible to queries and retrieval, until the file is
///    back or the instance is sent again.
/// @throws StorageError, also where nobody adopts and `require_own_index` says that this is another archive's index
struct ReconcileRules {
  AdoptOrphan adopt;                       ///< empty: nobody is adopted
  std::function<bool(ByteView)> is_whole;  ///< ArchiveOptions
  std::size_t most_unfinished = 0;
};
ReconcileReport reconcile(BlobStore& blobs, IndexWriter& index, const ReconcileRules& rules);

}  // namespace punctum
