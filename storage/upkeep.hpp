#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dicom/types/digest.hpp"
#include "dicom/types/sop_instance.hpp"

namespace punctum {

/// A stored file as the index knows it.
struct StoredFile {
  std::int64_t sequence = 0;
  SopInstance name;
  std::string blob;
  std::filesystem::path path;
  std::uint64_t file_size = 0, dataset_offset = 0;
  Digest dataset_digest;
  Uid transfer_syntax_uid;
  bool marked_damaged = false;
};

enum class FileCondition { whole, missing, other_size, other_bytes, unreadable };
std::string_view to_string(FileCondition condition);

struct DeletionRule {
  std::string reason;  ///< kept with each removed instance: "operator", "older than 365 days"
  /// Followers of the change feed that must have seen the study first; their names in the follower store.
  std::vector<std::string> followers;
  bool even_undelivered = false;                   ///< an operator's word only
  std::optional<std::int64_t> quiet_since_utc_ms;  ///< nothing may have come since, looked at with the deletion itself
};
struct Deletion {
  enum class Outcome { deleted, unknown, held } outcome = Outcome::unknown;
  std::size_t instances = 0;
  std::string why_held;  ///< a sentence
};

/// One line of the record of removals. The numbers are those of the change feed.
struct Removal {
  std::int64_t sequence = 0;
  Uid study_instance_uid, series_instance_uid, sop_instance_uid;
  std::string reason;
  std::int64_t removed_utc_ms = 0;
};

struct QuietStudy {
  std::int64_t number = 0;  ///< in the order of arrival
  Uid study_instance_uid;
};

/// Sequences of a data set as the index keeps them (sequence_keys.hpp), by keyword.
using SequenceTexts = std::map<std::string, std::string, std::less<>>;
/// Reads them from a stored file; nothing if it cannot be read or understood.
using ReadSequences = std::function<std::optional<SequenceTexts>(const StoredFile&)>;

/// Keeps a data folder in order: re-reads, compares, removes. Works beside a running node, in its process or another:
/// it has connections of its own and holds no lock between calls. One thread at a time.
class Upkeep {
 public:
  /// @param read_only  looks and changes nothing. @throws StorageError if there is no index in the folder
  static std::unique_ptr<Upkeep> open(const std::filesystem::path& data_dir, bool read_only);
  virtual ~Upkeep() = default;

  /// Stored instances in the order of arrival, those whose file is known to be missing included.
  virtual std::vector<StoredFile> files_after(std::int64_t sequence, std::size_t limit) const = 0;
  virtual std::size_t instances() const = 0;
  /// Reads the whole file and compares its data set with the digest.
  /// @param reads  told of every piece that was read, to set the pace; empty: as fast as it goes
  virtual FileCondition examine(const StoredFile& file, const std::function<void(std::size_t)>& reads) const = 0;
  virtual bool still_stored(const StoredFile& file) const = 0;  ///< it may have been removed meanwhile

  /// Names of complete files that no row names.
  virtual std::vector<std::string> files_without_row() const = 0;
  /// What the index itself has wrong: structure, references, counts. A sentence each; empty: sound.
  virtual std::vector<std::string> index_faults() const = 0;

  /// Notes the finding and, unless the file is whole, keeps it from being handed out; heals itself when it is sent
  /// again.
  virtual void mark(const StoredFile& file, FileCondition condition) = 0;

  /// Removes a study with all it has, its file names included, in one transaction, then the files. A kill at any
  /// moment leaves all of it or nothing of it; files left over go at the next start. What was not delivered, not asked
  /// for clicks or still has work to do holds the study. @throws StorageError
  virtual Deletion delete_study(const Uid& study_instance_uid, const DeletionRule& rule) = 0;
  /// Studies to which nothing was added since, and of which nothing was sent again, those first that came first.
  /// @param after  only those that came later than this one, which may be gone; none: from the first
  virtual std::vector<QuietStudy> studies_quiet_since(std::int64_t utc_ms, std::int64_t after,
                                                      std::size_t limit) const = 0;
  virtual std::vector<Removal> removals_after(std::int64_t sequence, std::size_t limit) const = 0;
  /// Objects that were stored before the index knew sequences have theirs read late: the first of each class in a
  /// series, and the others where it has a title. Each series is written down as it is done, so a kill costs one of
  /// them, and what came since keeps what it has. @return how many series were looked into; fewer than asked for: all
  /// are done
  virtual std::size_t read_late_sequences(std::size_t most_series, const ReadSequences& read) = 0;
  /// Unlinks files whose rows were replaced or removed. @return how many
  virtual std::size_t remove_discarded_files() = 0;
};

}  // namespace punctum
