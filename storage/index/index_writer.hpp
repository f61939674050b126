#pragma once

#include <exception>
#include <span>
#include <string>

#include "storage/archive.hpp"
#include "storage/event_store.hpp"
#include "storage/sqlite/connection.hpp"

namespace punctum {

/// How an instance of that UID stands to one that would come now.
enum class Standing { unknown, same, conflict, lost };  ///< lost: its row is there, its file is not, or is damaged
struct Known {
  Standing standing = Standing::unknown;
  std::int64_t id = 0;
  std::string difference;          ///< for conflict: what differs, a sentence
  bool only_bytes_differ = false;  ///< for conflict: study, series, class agree; perhaps it is only encoded otherwise
  std::int64_t confirmed_utc_ms = 0;  ///< when somebody was last told that it, or another of its study, is stored
  Digest dataset_digest{};            ///< of what is there

  void set_other_bytes();  ///< it differs in nothing else
};
/// Whether what comes may take its place where its file is found not to be whole: it is of the same study, series and
/// class.
bool may_be_replaced(const Known& known);
Known known_instance(sqlite::Connection& connection, const InstanceRecord& record);
/// What an earlier version stored is known by another kind of digest (DatasetHash), and what comes is compared in that.
bool is_comparable(const Known& known, const InstanceRecord& record);
Event identity_conflict(const InstanceRecord& record, const std::string& difference);

/// An instance whose file is durable and that waits to become visible, and what became of it. Or one that is there, and
/// whose sender is to be told so. Or only something to be noted, without an instance.
struct PendingInstance {
  enum class Result { stored, already_there, conflict, gone };

  const InstanceRecord* record = nullptr;
  bool only_confirm = false;    ///< it has no file of its own: already_there, or gone if it was removed meanwhile
  std::int64_t unsound_id = 0;  ///< a row whose file the caller found not to be whole: this one takes its place
  bool is_in_old_file = false;  ///< the caller read these very bytes in the file whose place they take
  std::int64_t sound_id = 0;    ///< a row that is marked as lost, whose file the caller found whole: the marks go
  const Event* note = nullptr;
  std::string blob;
  std::uint64_t file_size = 0;
  std::int64_t stored_utc_ms = 0;

  Result result = Result::stored;
  Known known;                 ///< how what was there stands to it; a conflict is the caller's to settle and to note
  std::int64_t sequence = 0;   ///< its number in the change feed, if stored
  std::string replaced_blob;   ///< of a lost or damaged one, not known to hold the same bytes: no row names it any more
  bool in_doubt = false;       ///< the commit itself failed: the engine cannot say what the disk holds
  std::exception_ptr failure;  ///< the whole transaction failed; nothing of it is visible
  bool settled = false;        ///< the fields above hold
};

/// Adds what arrives: rows of patient, study, series and instance (its id is its number in the change feed), and
/// events. Removal, damage and late sequences are written by upkeep/. One thread at a time.
class IndexWriter {
 public:
  explicit IndexWriter(sqlite::Connection connection) : connection_(std::move(connection)) {}

  /// All of them in one transaction; each gets its result. When it throws, none became visible. After a commit that
  /// failed, the next begins with a new log (sqlite::restart_log): what was written before the failure may never reach
  /// the disk, and what stands behind it in the log would be lost with it.
  void add(std::span<PendingInstance* const> pending);

  void mark_missing(std::span<const std::int64_t> instances, bool missing);
  sqlite::Connection& connection() { return connection_; }

 private:
  void add_one(PendingInstance& pending);
  void confirm(PendingInstance& pending);
  void make_way(const Known& lost, PendingInstance& pending);
  sqlite::Connection connection_;
  bool log_in_doubt_ = false;  ///< a commit failed
};

}  // namespace punctum
