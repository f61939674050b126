#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "dicom/types/error.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace punctum::sqlite {

/// A statement was stopped by a Watch (connection.hpp).
class Interrupted : public StorageError {
 public:
  using StorageError::StorageError;
};

/// Throws what an SQLite result code means: OutOfResources when the disk is full, StorageError otherwise. The text says
/// what was tried and what the engine answered, never a bound value.
[[noreturn]] void fail(sqlite3* database, const std::string& doing);

/// One prepared statement. Parameters count from 1, columns from 0, as in SQLite. One thread at a time.
class Statement {
 public:
  Statement(sqlite3* database, std::string_view sql);

  Statement& bind(int parameter, std::int64_t value);
  Statement& bind(int parameter, std::string_view value);
  Statement& bind_optional(int parameter, const std::optional<std::string>& value);  ///< NULL for nothing
  Statement& bind_null(int parameter);
  /// Binds all parameters in their order.
  template <class... Values>
  Statement& with(const Values&... values) {
    int parameter = 0;
    (bind_any(++parameter, values), ...);
    return *this;
  }

  bool step();  ///< @return whether there is a row
  void run();   ///< steps to the end and resets; for statements without rows of interest
  void reset() noexcept;

  std::int64_t integer(int column) const;
  std::string text(int column) const;  ///< empty for NULL
  std::optional<std::string> optional_text(int column) const;
  bool is_null(int column) const;
  int columns() const;

 private:
  template <class Value>
  void bind_any(int parameter, const Value& value) {
    if constexpr (std::is_integral_v<Value>) {
      bind(parameter, static_cast<std::int64_t>(value));
    } else {
      bind(parameter, value);
    }
  }
  void check(int code, const char* doing) const;

  struct Finalize {
    void operator()(sqlite3_stmt* raw) const noexcept;
  };
  sqlite3* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> raw_;
};

}  // namespace punctum::sqlite
