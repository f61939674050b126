#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <unordered_set>

#include "dicom/types/error.hpp"
#include "storage/blobs/blob_store.hpp"
#include "storage/index/database.hpp"
#include "storage/index/event_rows.hpp"
#include "storage/upkeep.hpp"
#include "storage/upkeep/deletion.hpp"
#include "storage/upkeep/discarded_files.hpp"
#include "storage/upkeep/late_sequences.hpp"
#include "storage/upkeep/stored_files.hpp"

namespace punctum {

namespace fs = std::filesystem;

namespace {

/// What was only examined is not there for anybody else.
void leave_page_cache(const fs::path& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() >= 0) ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED);
}

class LocalUpkeep final : public Upkeep {
 public:
  LocalUpkeep(fs::path data_dir, bool read_only)
      : data_dir_(std::move(data_dir)),
        connection_(open_index(data_dir_, read_only ? sqlite::Access::read_only : sqlite::Access::read_write)) {}

  std::vector<StoredFile> files_after(std::int64_t sequence, std::size_t limit) const override {
    static const std::string sql = stored_files_sql("instance.id > ?");
    auto row = connection_.use(sql);
    row->with(sequence, limit);
    std::vector<StoredFile> files;
    while (row->step()) files.push_back(stored_file(*row, data_dir_));
    return files;
  }

  std::size_t instances() const override { return static_cast<std::size_t>(one("SELECT count(*) FROM instance")); }

  FileCondition examine(const StoredFile& file, const std::function<void(std::size_t)>& reads) const override {
    const auto condition = condition_of(file, reads);
    leave_page_cache(file.path);
    return condition;
  }

  bool still_stored(const StoredFile& file) const override {
    auto row = connection_.use("SELECT 1 FROM instance WHERE id = ?");
    return row->with(file.sequence).step();
  }

  std::vector<std::string> files_without_row() const override {
    // Files first, rows after: what is stored meanwhile then has its row.
    const auto files = list_blobs(data_dir_ / "blobs");
    std::unordered_set<std::string> known;
    for (const auto* sql : {"SELECT blob FROM instance", "SELECT blob FROM discarded_blob"}) {
      auto row = connection_.use(sql);
      while (row->step()) known.insert(row->text(0));
    }
    std::vector<std::string> without;
    for (const auto& file : files) {
      if (!known.contains(file) && is_complete_file(data_dir_ / "blobs" / file) && !has_row(file)) {
        without.push_back(file);
      }
    }
    return without;
  }

  std::vector<std::string> index_faults() const override {
    std::vector<std::string> faults;
    auto check = connection_.prepare("PRAGMA integrity_check(100)");
    while (check.step()) {
      if (check.text(0) != "ok") faults.push_back("SQLite: " + check.text(0));
    }
    auto references = connection_.prepare("PRAGMA foreign_key_check");
    while (references.step())
      faults.push_back("a row of " + references.text(0) + " belongs to none of " + references.text(2));
    const auto wrong = [&](const char* what, const std::string& sql) {
      if (const auto rows = one(sql); rows > 0) faults.push_back(std::to_string(rows) + " " + what);
    };
    wrong("series count their instances wrongly",
          "SELECT count(*) FROM series WHERE instance_count <> (SELECT count(*) FROM instance WHERE instance.series = "
          "series.id AND file_missing = 0)");
    wrong(
        "studies count their series or instances wrongly",
        "SELECT count(*) FROM study WHERE instance_count <> (SELECT coalesce(sum(instance_count), 0) FROM series WHERE "
        "series.study = study.id) OR series_count <> (SELECT count(*) FROM series WHERE series.study = study.id AND "
        "series.instance_count > 0)");
    wrong("SOP classes cannot be found by their series",
          "SELECT count(*) FROM (SELECT series, sop_class_uid FROM instance WHERE sop_class_uid IS NOT NULL EXCEPT "
          "SELECT series, sop_class_uid FROM series_class)");
    const std::string values =
        "SELECT * FROM (SELECT * FROM sequence_value_of_study UNION ALL SELECT * FROM sequence_value_of_series UNION "
        "ALL SELECT * FROM sequence_value_of_instance)";
    wrong("values within sequences cannot be found",
          "SELECT count(*) FROM (" + values + " EXCEPT SELECT * FROM sequence_value)");
    wrong("values are found within sequences that are gone",
          "SELECT count(*) FROM (SELECT * FROM sequence_value EXCEPT " + values + ")");
    return faults;
  }

  void mark(const StoredFile& file, FileCondition condition) override {
    const bool whole = condition == FileCondition::whole;
    sqlite::Transaction transaction(connection_);
    connection_.use("UPDATE instance SET damaged = ?1 WHERE id = ?2 AND damaged <> ?1")
        ->with(!whole, file.sequence)
        .run();
    const bool is_news = connection_.changed_rows() > 0;
    if (is_news) {
      add_event(
          connection_,
          {.kind = std::string(whole ? event_kind::healed : event_kind::damaged),
           .sop_instance_uid = file.name.sop_instance_uid.str(),
           .study_instance_uid = file.name.study_instance_uid.str(),
           .detail = whole ? "its file is what was stored again" : "its file: " + std::string(to_string(condition))},
          utc_ms_now());
    }
    transaction.commit();
  }

  Deletion delete_study(const Uid& study_instance_uid, const DeletionRule& rule) override {
    auto deletion = delete_study_rows(connection_, study_instance_uid, rule, utc_ms_now());
    if (deletion.outcome == Deletion::Outcome::deleted) remove_discarded_files();
    return deletion;
  }

  std::vector<QuietStudy> studies_quiet_since(std::int64_t utc_ms, std::int64_t after,
                                              std::size_t limit) const override {
    // The newest instance of a study is that with the greatest id, so the last of each series is enough to look at.
    auto row = connection_.use(
        "SELECT id, study_instance_uid FROM (SELECT study.study_instance_uid, study.id, max((SELECT stored_utc_ms FROM "
        "instance WHERE id = (SELECT max(id) FROM instance WHERE instance.series = series.id))) AS newest "
        "FROM study JOIN series ON series.study = study.id WHERE study.id > ?1 AND study.confirmed_utc_ms <= ?2 GROUP "
        "BY study.id) WHERE newest <= ?2 ORDER BY id LIMIT ?3");
    row->with(after, utc_ms, limit);
    std::vector<QuietStudy> studies;
    while (row->step()) studies.push_back({row->integer(0), Uid::require(row->text(1))});
    return studies;
  }

  std::vector<Removal> removals_after(std::int64_t sequence, std::size_t limit) const override {
    auto row = connection_.use(
        "SELECT id, study_instance_uid, series_instance_uid, sop_instance_uid, reason, removed_utc_ms FROM removal "
        "WHERE id > ? ORDER BY id LIMIT ?");
    row->with(sequence, limit);
    std::vector<Removal> removals;
    while (row->step()) {
      removals.push_back({row->integer(0), Uid::require(row->text(1)), Uid::require(row->text(2)),
                          Uid::require(row->text(3)), row->text(4), row->integer(5)});
    }
    return removals;
  }

  std::size_t read_late_sequences(std::size_t most_series, const ReadSequences& read) override {
    return punctum::read_late_sequences(connection_, data_dir_, most_series, read);
  }

  std::size_t remove_discarded_files() override { return punctum::remove_discarded_files(connection_, data_dir_); }

 private:
  std::int64_t one(std::string_view sql) const {
    auto row = connection_.use(sql);
    row->step();
    return row->integer(0);
  }
  bool has_row(const std::string& blob) const {
    auto row = connection_.use("SELECT 1 FROM instance WHERE blob = ?");
    return row->with(blob).step();
  }

  fs::path data_dir_;
  mutable sqlite::Connection connection_;
};

}  // namespace

std::string_view to_string(FileCondition condition) {
  constexpr std::array<std::string_view, 5> words{"whole", "missing", "of another size", "with other bytes",
                                                  "cannot be read"};
  return words.at(static_cast<std::size_t>(condition));
}

std::unique_ptr<Upkeep> Upkeep::open(const fs::path& data_dir, bool read_only) {
  if (!fs::exists(index_path(data_dir))) {
    throw StorageError("cannot open the index: there is none in " + data_dir.string());
  }
  return std::make_unique<LocalUpkeep>(data_dir, read_only);
}

}  // namespace punctum
