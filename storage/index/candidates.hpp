#pragma once

#include <cstdint>
#include <vector>

#include "storage/archive.hpp"
#include "storage/sqlite/connection.hpp"

namespace punctum {

/// The row ids that a query may answer with, in ascending order, a piece at a time. Holds no connection between the
/// pieces. Who asks for everything gets it in the order of the table, without waiting until all of it has been listed;
/// what comes later than the question is not part of the answer. One thread at a time.
class Candidates {
 public:
  explicit Candidates(Query query) : query_(std::move(query)) {}

  /// The next ids, at most so many; none: that was all. What throws has not changed what comes next.
  std::vector<std::int64_t> next(sqlite::Connection& connection, std::size_t most);

 private:
  void open(sqlite::Connection& connection);
  std::vector<std::int64_t> next_of_table(sqlite::Connection& connection, std::size_t most);

  Query query_;
  bool opened_ = false, everything_ = false;
  std::vector<std::int64_t> found_;  // unless it is everything
  std::size_t given_ = 0;
  std::int64_t after_ = 0, last_ = 0;  // of everything
};

}  // namespace punctum
