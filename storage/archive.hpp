#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dicom/types/bytes.hpp"
#include "dicom/types/digest.hpp"
#include "dicom/types/interruption.hpp"
#include "dicom/types/read_part.hpp"
#include "dicom/types/sop_instance.hpp"
#include "storage/event_store.hpp"
#include "storage/query_keys.hpp"

namespace punctum {

enum class Origin { received, produced };  ///< came from outside, or made by this node's pipeline

/// What the index keeps of one instance. Attributes by keyword (storage/query_keys.hpp), UTF-8, several values
/// separated by a backslash; absent means not in the data set.
struct InstanceRecord {
  SopInstance name;
  Uid transfer_syntax_uid;
  Digest dataset_digest;             ///< of the data set bytes (DatasetHash), without file meta information
  std::uint64_t dataset_offset = 0;  ///< where the data set begins in the file
  std::uint64_t file_size = 0;
  Origin origin = Origin::received;
  std::string source_ae_title;  ///< who sent it; empty for produced ones
  std::map<std::string, std::string, std::less<>> attributes;
};

/// A stored instance; `blob` is opaque outside storage/.
struct StoredInstance {
  InstanceRecord record;
  std::string blob;
  std::int64_t sequence = 0;  ///< its number in the change feed
  std::int64_t stored_utc_ms = 0;
  bool damaged = false;  ///< re-reading found other bytes than were stored; read() refuses
};

/// A file that is being written, under its lasting name from the start, so that nothing has to be renamed. Nothing of
/// it is visible until Archive::store. Destroyed before that: removed. One thread at a time.
class Spool {
 public:
  virtual ~Spool() = default;
  virtual void write(ByteView bytes) = 0;  ///< @throws OutOfResources, StorageError: nothing can be written after that
  /// Nothing more will come: the disk begins with the rest, and nobody waits for it. @throws as write() does
  virtual void start_writeback() = 0;
  virtual std::uint64_t size() const = 0;
  virtual Bytes read_back(std::uint64_t limit) = 0;  ///< the first bytes written so far
};

enum class StoreOutcome { stored, already_there };

struct Match {
  std::string keyword;
  std::string pattern{};      ///< as the key came: single value, UID list, wildcard, range; empty: universal
  std::vector<Match> item{};  ///< of a sequence: keys that one and the same item must match (storage/sequence_keys.hpp)
  bool is_empty = false;      ///< instead of a pattern: what has no value (PS3.4 C.2.2.2.7)
};
struct Query {
  QueryLevel level = QueryLevel::study;
  std::vector<Match> matches;         ///< keys of this level and of those above (or all, for relational queries)
  std::vector<std::string> returned;  ///< keywords wanted back; computed ones included (ModalitiesInStudy, ...)
  std::size_t limit = 0;              ///< 0: no limit
  bool combined_date_time = false;    ///< ranges of a date and its time are one range of moments (PS3.4 C.2.2.2.5)
};
using QueryRow = std::map<std::string, std::string, std::less<>>;

/// One line of the change feed: an instance became visible. Numbers only grow.
struct Change {
  std::int64_t sequence = 0;
  SopInstance name;
  Origin origin = Origin::received;
};

/// Reads what the index keeps of a complete file, or nothing if it is none.
using AdoptOrphan = std::function<std::optional<InstanceRecord>(ByteView file)>;

/// Whether two complete files hold the same values and differ only in how these are encoded.
using SameContent = std::function<bool(ByteView stored_file, ByteView new_file)>;

struct ArchiveOptions {
  std::filesystem::path data_dir;
  std::uint64_t low_water_bytes = 512ull << 20;  ///< below this much free space begin() and store() refuse
  std::size_t readers = 4;                       ///< reading index connections
  AdoptOrphan adopt;  ///< for files whose storing a crash cut off before the index knew them; empty: to quarantine
  std::function<bool(ByteView file)> is_whole;  ///< for unfinished files: those that are objects to their last byte are
                                                ///< set aside, the others removed; empty: all are removed
  SameContent same_content;  ///< for what comes again in another encoding; empty: other bytes are other content
  std::uint64_t quarantine_bytes = 1ull << 30;  ///< the oldest make room
};

struct ReconcileReport {
  std::size_t instances = 0, unfinished_removed = 0, orphans_adopted = 0, orphans_quarantined = 0,
              rows_without_file = 0, discarded_removed = 0;
};

/// The memory of the node: immutable files under random names, an index over them, and a feed of what arrived. Any
/// thread, all methods.
class Archive {
 public:
  /// Opens or creates, migrates the index, reconciles files and index both ways. @throws StorageError
  static std::unique_ptr<Archive> open(const ArchiveOptions& options);
  virtual ~Archive() = default;

  virtual ReconcileReport reconciled() const = 0;

  virtual std::unique_ptr<Spool> begin() = 0;  ///< @throws OutOfResources

  /// Makes a spooled file durable and visible: fdatasync, then an index transaction that all who wait share. On return
  /// the instance survives power loss. @throws IdentityConflict, OutOfResources, StorageError
  virtual StoreOutcome store(std::unique_ptr<Spool> spool, const InstanceRecord& record) = 0;
  /// Whether this data set is stored under this name, byte by byte, and whether what is stored is whole: asked so that
  /// somebody can be told. Its file is read; the age of its study counts anew. @throws OutOfResources, StorageError
  virtual bool holds(const SopInstance& name, ByteView dataset) = 0;
  virtual bool is_kept(const StoredInstance& stored) = 0;
  /// Keeps bytes that could not be understood, with the reason, out of the index. Best effort, never throws. A reason
  /// names no patient.
  virtual void quarantine(std::unique_ptr<Spool> spool, const std::string& reason) noexcept = 0;

  /// Writes down what an operator should know of. Best effort, never throws.
  virtual void note(const Event& event) noexcept = 0;
  /// Whether there is room for more. Below the low-water mark begin() and store() refuse.
  virtual bool has_room() const noexcept = 0;

  virtual std::optional<StoredInstance> instance(const Uid& sop_instance_uid) const = 0;
  virtual std::vector<StoredInstance> series(const Uid& series_instance_uid) const = 0;
  virtual ReadPart open_file(const StoredInstance& stored) const = 0;  ///< the file, as stored. @throws StorageError
  Bytes read(const StoredInstance& stored) const { return open_file(stored)(0, stored.record.file_size); }
  /// For tests that damage a file.
  virtual std::filesystem::path local_path(const StoredInstance& stored) const = 0;

  /// Rows in a stable order. `emit` returns false to stop. A question may look long for few rows: `interruption` is
  /// asked while the index searches. @throws StorageError
  virtual void query(const Query& query, const std::function<bool(const QueryRow&)>& emit,
                     const Interruption& interruption) const = 0;
  void query(const Query& question, const std::function<bool(const QueryRow&)>& emit) const {
    query(question, emit, {});
  }
  /// All instances under the given unique keys at one level (PS3.4 C.4.2, C.4.3), without their attributes.
  virtual std::vector<StoredInstance> select(QueryLevel level, const std::vector<Match>& unique_keys) const = 0;

  virtual std::vector<Change> changes_after(std::int64_t sequence, std::size_t limit) const = 0;
  /// Blocks until the feed has grown past `sequence` or the time is over. @return whether it has grown.
  virtual bool wait_for_change(std::int64_t sequence, std::chrono::milliseconds at_most) const = 0;
  virtual std::int64_t last_sequence() const = 0;
  virtual std::int64_t last_arrival_utc_ms(const Uid& series_instance_uid) const = 0;  ///< 0 if the series is unknown
};

}  // namespace punctum
