#pragma once

#include <memory>

#include "dicom/net/services.hpp"
#include "dicom/types/part10_file.hpp"
#include "storage/archive.hpp"

namespace punctum {

/// The one door into the archive, for what comes off the wire and for what the node makes itself: the same checks, the
/// same durable store. Any thread.
class Ingest {
 public:
  explicit Ingest(Archive& archive) : archive_(archive) {}  ///< the archive must outlive this and every sink

  /// Takes one object off the wire. Its data set bytes are kept as they come; finish() returns when they are durable.
  /// @throws OutOfResources. finish() throws DicomError for what cannot be understood (the bytes are quarantined),
  /// IdentityConflict for a data set that is not what the command said or that differs from a stored one.
  std::unique_ptr<StoreSink> begin_store(const StoreRequest& request);

  /// Stores an object of the pipeline; it becomes visible, and goes to the peers, like any other.
  /// @throws DicomError, IdentityConflict, OutOfResources, StorageError
  StoreOutcome store_produced(const Part10File& file);

  /// Stores a file that somebody brings in from a folder: its data set as it is, with file meta information of our own.
  /// What cannot be understood is not quarantined, since it stays where it lies. @throws DicomError, IdentityConflict,
  /// OutOfResources, StorageError
  StoreOutcome store_brought(ByteView part10);

 private:
  Archive& archive_;
};

}  // namespace punctum
