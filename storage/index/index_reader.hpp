#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "storage/archive.hpp"
#include "storage/index/database.hpp"

namespace punctum {

/// Questions to the index. What is marked as missing its file is answered for nowhere. Any thread.
class IndexReader {
 public:
  IndexReader(const std::filesystem::path& data_dir, std::size_t connections) : pool_(data_dir, connections) {}

  std::optional<StoredInstance> instance(const Uid& sop_instance_uid);
  std::vector<StoredInstance> series(const Uid& series_instance_uid);  ///< in the order of arrival
  std::vector<StoredInstance> select(QueryLevel level, const std::vector<Match>& unique_keys);
  void query(const Query& query, const std::function<bool(const QueryRow&)>& emit,
             const Interruption& interruption = {});

  std::vector<Change> changes_after(std::int64_t sequence, std::size_t limit);
  std::int64_t last_sequence();
  std::int64_t last_arrival_utc_ms(const Uid& series_instance_uid);
  ReaderPool& pool() { return pool_; }

 private:
  ReaderPool pool_;
};

}  // namespace punctum
