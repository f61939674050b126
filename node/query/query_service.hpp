#pragma once

#include <functional>
#include <vector>

#include "dicom/net/services.hpp"
#include "storage/archive.hpp"

namespace punctum {

/// Answers C-FIND, and selects for C-MOVE and C-GET, from the archive. Reads only. Any thread.
class QueryService {
 public:
  /// @param own_title goes out as Retrieve AE Title. The archive must outlive this and every Retrievable.
  QueryService(const Archive& archive, AeTitle own_title) : archive_(archive), own_title_(std::move(own_title)) {}

  void find(const QueryRequest& request, const std::function<bool(const Identifier&)>& emit) const;
  std::vector<Retrievable> select(const QueryRequest& request) const;

 private:
  const Archive& archive_;
  AeTitle own_title_;
};

/// A stored instance as something to send.
Retrievable to_retrievable(const Archive& archive, const StoredInstance& stored);

}  // namespace punctum
