#include "storage/sqlite/connection.hpp"

#include <sqlite3.h>
#include <time.h>

#include "dicom/types/error.hpp"

namespace punctum::sqlite {

namespace {

constexpr int busy_pause_us = 200;
constexpr int busy_limit_us = 15'000'000;

// SQLite's own busy handler sleeps whole milliseconds, but our writers hold the lock for a few hundred microseconds:
// asking often keeps the ingest and the job store from slowing each other.
int wait_for_lock(void*, int times_called) {
  if (times_called > busy_limit_us / busy_pause_us) return 0;
  const timespec pause{0, busy_pause_us * 1000L};
  nanosleep(&pause, nullptr);
  return 1;
}

}  // namespace

void Connection::Close::operator()(sqlite3* raw) const noexcept { sqlite3_close_v2(raw); }

Connection Connection::open(const std::filesystem::path& path, Access access) {
  const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (access == Access::read_write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
  Connection connection{std::unique_ptr<sqlite3, Close>(raw)};
  if (raw == nullptr) throw StorageError("cannot open the index " + path.string() + ": out of memory");
  if (code != SQLITE_OK) {
    throw StorageError("cannot open the index " + path.string() + ": " + sqlite3_errmsg(raw));
  }
  sqlite3_busy_handler(raw, wait_for_lock, nullptr);
  if (access == Access::read_write) {
    connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864;");
  }
  connection.execute("PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192;");
  return connection;
}

void Connection::execute(const std::string& sql) {
  if (sqlite3_exec(raw_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail(raw_.get(), "change");
}

Prepared Connection::use(std::string_view sql) {
  auto found = statements_.find(sql);
  if (found == statements_.end()) {
    found = statements_.emplace(std::string(sql), std::make_unique<Statement>(raw_.get(), sql)).first;
  }
  found->second->reset();
  return Prepared(*found->second);
}

std::int64_t Connection::last_insert_id() const { return sqlite3_last_insert_rowid(raw_.get()); }
std::int64_t Connection::changed_rows() const { return sqlite3_changes64(raw_.get()); }
bool Connection::in_transaction() const { return sqlite3_get_autocommit(raw_.get()) == 0; }

Watch::Watch(Connection& connection, const std::function<bool()>& disturbed)
    : raw_(disturbed ? connection.raw_.get() : nullptr) {
  constexpr int steps_between_looks = 20'000;  // of SQLite's machine: about a millisecond
  const auto look = [](void* function) { return (*static_cast<const std::function<bool()>*>(function))() ? 1 : 0; };
  if (raw_ != nullptr) {
    sqlite3_progress_handler(raw_, steps_between_looks, look, const_cast<std::function<bool()>*>(&disturbed));
  }
}

Watch::~Watch() {
  if (raw_ != nullptr) sqlite3_progress_handler(raw_, 0, nullptr, nullptr);
}

Transaction::Transaction(Connection& connection) : connection_(connection) {
  connection_.use("BEGIN IMMEDIATE")->run();
}

Transaction::~Transaction() {
  if (!open_ || !connection_.in_transaction()) return;  // some failures roll back by themselves
  try {
    connection_.use("ROLLBACK")->run();
  } catch (const Error&) {
    // Nothing is lost: an unfinished transaction is undone at the next opening at the latest.
  }
}

void restart_log(Connection& connection) {
  auto row = connection.use("PRAGMA wal_checkpoint(RESTART)");
  if (row->step() && row->integer(0) == 0) return;
  throw StorageError("cannot write to the index: a write failed before, and its log cannot be begun anew yet");
}

void Transaction::commit() {
  connection_.use("COMMIT")->run();
  open_ = false;
}

}  // namespace punctum::sqlite
