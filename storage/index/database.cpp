#include "storage/index/database.hpp"

#include <algorithm>
#include <chrono>

#include "dicom/types/error.hpp"
#include "storage/sqlite/migrate.hpp"

namespace punctum {

std::filesystem::path index_path(const std::filesystem::path& data_dir) { return data_dir / "index.sqlite"; }

sqlite::Connection open_index(const std::filesystem::path& data_dir, sqlite::Access access) {
  const auto path = index_path(data_dir);
  if (access == sqlite::Access::read_only && !std::filesystem::exists(path)) {
    throw StorageError("cannot open the index: there is none in " + data_dir.string());
  }
  auto connection = sqlite::Connection::open(path, access);
  if (access == sqlite::Access::read_write) sqlite::migrate(connection, sqlite::migrations());
  return connection;
}

ReaderPool::ReaderPool(const std::filesystem::path& data_dir, std::size_t connections) {
  const std::size_t number = std::max<std::size_t>(connections, 1);
  idle_.reserve(number);
  for (std::size_t i = 0; i < number; ++i) {
    idle_.push_back(std::make_unique<sqlite::Connection>(open_index(data_dir, sqlite::Access::read_only)));
  }
}

std::unique_ptr<sqlite::Connection> ReaderPool::take() {
  std::unique_lock lock(mutex_);
  returned_.wait(lock, [&] { return !idle_.empty(); });
  auto connection = std::move(idle_.back());
  idle_.pop_back();
  return connection;
}

void ReaderPool::give_back(std::unique_ptr<sqlite::Connection> connection) noexcept {
  {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(connection));
  }
  returned_.notify_one();
}

std::int64_t utc_ms_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace punctum
