#pragma once

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "storage/sqlite/connection.hpp"

namespace punctum {

std::filesystem::path index_path(const std::filesystem::path& data_dir);

/// Opens the index of a data folder, creating and migrating it for a writer. @throws StorageError
sqlite::Connection open_index(const std::filesystem::path& data_dir, sqlite::Access access);

/// A few reading connections, lent one at a time. Who finds none waits: readers never stand in the way of a writer.
/// Any thread.
class ReaderPool {
 public:
  ReaderPool(const std::filesystem::path& data_dir, std::size_t connections);

  /// Runs a function on a connection of its own.
  template <class Function>
  auto read(Function&& function) {
    const Loan loan(*this);
    return function(*loan.connection);
  }

 private:
  struct Loan {
    explicit Loan(ReaderPool& from) : pool(from), connection(from.take()) {}
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    ~Loan() { pool.give_back(std::move(connection)); }
    ReaderPool& pool;
    std::unique_ptr<sqlite::Connection> connection;
  };
  std::unique_ptr<sqlite::Connection> take();
  void give_back(std::unique_ptr<sqlite::Connection> connection) noexcept;

  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<sqlite::Connection>> idle_;  // room for all is reserved, so that giving back cannot fail
};

/// UTC milliseconds since 1970.
std::int64_t utc_ms_now();

}  // namespace punctum
