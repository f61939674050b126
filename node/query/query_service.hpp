#pragma once

#include <functional>
#include <vector>

#include "dicom/net/services.hpp"
#include "storage/archive.hpp"

namespace punctum {

/// Answers C-FIND, and selects for C-MOVE and C-GET, from the archive. Reads only. Any thread.
class QueryService {
 public:
  explicit QueryService(const Archive& archive) : archive_(archive) {}  ///< outlives this and every Retrievable

  /// `emit` returns false to stop; `interruption` is asked during the search. @throws DicomError for
  /// keys that the information model does not allow (A900), StorageError
  void find(const QueryRequest& request, const std::function<bool(const Identifier&)>& emit,
            const Interruption& interruption) const;
  /// @throws as above
  std::vector<Retrievable> select(const QueryRequest& request) const;

 private:
  const Archive& archive_;
};

/// A stored instance as something to send.
Retrievable to_retrievable(const Archive& archive, const StoredInstance& stored);

}  // namespace punctum
