#include "storage/sqlite/statement.hpp"

#include <sqlite3.h>

#include <cerrno>

namespace punctum::sqlite {

void fail(sqlite3* database, const std::string& doing) {
  const int code = sqlite3_extended_errcode(database);
  const int system = sqlite3_system_errno(database);
  const std::string text = "cannot " + doing + " the index: " + sqlite3_errmsg(database) + " (SQLite " +
                           std::to_string(code) + ", errno " + std::to_string(system) + ")";
  if ((code & 0xff) == SQLITE_INTERRUPT) throw Interrupted(text);
  const bool no_room = (code & 0xff) == SQLITE_FULL ||
                       ((code & 0xff) == SQLITE_IOERR && (system == ENOSPC || system == EDQUOT || system == EFBIG));
  if (no_room) throw OutOfResources(text);
  throw StorageError(text);
}

Statement::Statement(sqlite3* database, std::string_view sql) : database_(database) {
  sqlite3_stmt* raw = nullptr;
  const int code =
      sqlite3_prepare_v3(database, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  raw_.reset(raw);
  check(code, "prepare a statement for");
}

void Statement::Finalize::operator()(sqlite3_stmt* raw) const noexcept { sqlite3_finalize(raw); }

void Statement::check(int code, const char* doing) const {
  if (code != SQLITE_OK) fail(database_, doing);
}

Statement& Statement::bind(int parameter, std::int64_t value) {
  check(sqlite3_bind_int64(raw_.get(), parameter, value), "bind a value for");
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view value) {
  // A null pointer would bind NULL; an empty view must stay an empty string.
  const char* data = value.data() == nullptr ? "" : value.data();
  check(sqlite3_bind_text64(raw_.get(), parameter, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8),
        "bind a value for");
  return *this;
}

Statement& Statement::bind_optional(int parameter, const std::optional<std::string>& value) {
  return value ? bind(parameter, std::string_view(*value)) : bind_null(parameter);
}

Statement& Statement::bind_null(int parameter) {
  check(sqlite3_bind_null(raw_.get(), parameter), "bind a value for");
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(raw_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    sqlite3_reset(raw_.get());
    return false;
  }
  fail(database_, sqlite3_stmt_readonly(raw_.get()) != 0 ? "read" : "write");
}

void Statement::run() {
  while (step()) {
  }
}

void Statement::reset() noexcept {
  sqlite3_reset(raw_.get());
  sqlite3_clear_bindings(raw_.get());
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(raw_.get(), column); }

std::string Statement::text(int column) const { return optional_text(column).value_or(std::string()); }

std::optional<std::string> Statement::optional_text(int column) const {
  const unsigned char* data = sqlite3_column_text(raw_.get(), column);
  if (data == nullptr) return std::nullopt;
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(raw_.get(), column));
  return std::string(reinterpret_cast<const char*>(data), size);
}

bool Statement::is_null(int column) const { return sqlite3_column_type(raw_.get(), column) == SQLITE_NULL; }

int Statement::columns() const { return sqlite3_column_count(raw_.get()); }

}  // namespace punctum::sqlite
