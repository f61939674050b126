#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "storage/sqlite/statement.hpp"

struct sqlite3;

namespace punctum::sqlite {

enum class Access { read_write, read_only };

/// A prepared statement of a connection's own store, reset when this handle goes, so that no read snapshot and no lock
/// outlives its use.
class Prepared {
 public:
  explicit Prepared(Statement& statement) noexcept : statement_(&statement) {}
  Prepared(const Prepared&) = delete;
  Prepared& operator=(const Prepared&) = delete;
  ~Prepared() { statement_->reset(); }
  Statement* operator->() const noexcept { return statement_; }
  Statement& operator*() const noexcept { return *statement_; }

 private:
  Statement* statement_;
};

/// One connection to an SQLite database in WAL mode with synchronous=FULL: a commit that returned survives power loss.
/// One thread at a time.
class Connection {
 public:
  /// read_write creates the file if need be. @throws StorageError
  static Connection open(const std::filesystem::path& path, Access access);

  void execute(const std::string& sql);  ///< any number of statements without parameters
  Prepared use(std::string_view sql);    ///< prepared at the first use, kept ever after; not to be nested for one text
  Statement prepare(std::string_view sql) { return Statement(raw_.get(), sql); }  ///< for texts that are built anew

  std::int64_t last_insert_id() const;
  std::int64_t changed_rows() const;
  bool in_transaction() const;

 private:
  friend class Watch;
  struct Close {
    void operator()(sqlite3* raw) const noexcept;
  };
  explicit Connection(std::unique_ptr<sqlite3, Close> raw) : raw_(std::move(raw)) {}
  std::unique_ptr<sqlite3, Close> raw_;  // before the statements: they go first
  std::map<std::string, std::unique_ptr<Statement>, std::less<>> statements_;
};

/// As long as it lives, `disturbed` is asked every millisecond or so of the connection's work; once it says yes, the
/// statement at work throws Interrupted. Without a function it does nothing. It may not throw, wait, nor use the
/// connection.
class Watch {
 public:
  Watch(Connection& connection, const std::function<bool()>& disturbed);
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch();

 private:
  sqlite3* raw_;
};

/// A transaction that takes the write lock at once and is rolled back unless commit() returned.
class Transaction {
 public:
  explicit Transaction(Connection& connection);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();
  void commit();

 private:
  Connection& connection_;
  bool open_ = true;
};

/// Everything in the write-ahead log goes into the data base, durably, and the next transaction begins the log anew.
/// @throws StorageError also while others read from the log longer than the busy handler waits.
void restart_log(Connection& connection);

}  // namespace punctum::sqlite
