#pragma once

#include "storage/archive.hpp"
#include "storage/blobs/blob_store.hpp"
#include "storage/data_folder.hpp"
#include "storage/index/commit_group.hpp"
#include "storage/index/index_reader.hpp"
#include "storage/upkeep.hpp"

namespace punctum {

/// What tests put in place of the machine.
struct LocalArchiveSeams {
  std::function<std::uint64_t()> free_bytes;
  FileFault fault;
  std::function<std::int64_t()> now_utc_ms;
};

/// The archive on this machine's file system and SQLite. A store does its work on its caller's thread and commits are
/// led by one of those that wait, so there is no thread of its own.
class LocalArchive final : public Archive {
 public:
  explicit LocalArchive(const ArchiveOptions& options, LocalArchiveSeams seams = {});

  ReconcileReport reconciled() const override { return reconciled_; }
  std::unique_ptr<Spool> begin() override { return blobs_.begin(); }
  StoreOutcome store(std::unique_ptr<Spool> spool, const InstanceRecord& record) override;
  bool holds(const SopInstance& name, ByteView dataset) override;
  bool is_kept(const StoredInstance& stored) override;
  void quarantine(std::unique_ptr<Spool> spool, const std::string& reason) noexcept override;

  void note(const Event& event) noexcept override;
  bool has_room() const noexcept override { return blobs_.has_room(); }

  std::optional<StoredInstance> instance(const Uid& sop_instance_uid) const override;
  std::vector<StoredInstance> series(const Uid& series_instance_uid) const override;
  ReadPart open_file(const StoredInstance& stored) const override;
  std::filesystem::path local_path(const StoredInstance& stored) const override { return blobs_.path_of(stored.blob); }
  using Archive::query;
  void query(const Query& query, const std::function<bool(const QueryRow&)>& emit,
             const Interruption& interruption) const override;
  std::vector<StoredInstance> select(QueryLevel level, const std::vector<Match>& unique_keys) const override;

  std::vector<Change> changes_after(std::int64_t sequence, std::size_t limit) const override;
  bool wait_for_change(std::int64_t sequence, std::chrono::milliseconds at_most) const override;
  std::int64_t last_sequence() const override;
  std::int64_t last_arrival_utc_ms(const Uid& series_instance_uid) const override;

  std::size_t commits() const { return group_.commits(); }  ///< index transactions so far

 private:
  enum class Sound { yes, no, unknown };  ///< unknown: its file cannot be read, which may pass
  Known look_up(const InstanceRecord& record);
  std::optional<StoredFile> file_of(const Uid& sop_instance_uid);
  enum class Likeness { same, other, gone };
  Likeness compare(const std::optional<StoredFile>& stored, const DatasetBytes& dataset);
  Sound is_sound(const Known& known, const InstanceRecord& record);
  std::optional<Likeness> compare_marked(const Known& known, const InstanceRecord& record, const DatasetBytes& dataset);
  StoreOutcome store_anew(SpoolFile& file, PendingInstance pending);
  bool is_kept(const SopInstance& name, const Digest& dataset_digest);
  bool still_holds(const InstanceRecord& record, const Known& known);
  StoreOutcome settle(SpoolFile& file, const PendingInstance& pending);
  void set_aside(const std::string& blob, const Uid& sop_instance_uid) noexcept;
  StoreOutcome settle_conflict(SpoolFile& file, const InstanceRecord& record, const Known& known);
  bool is_same_content(SpoolFile& file, const InstanceRecord& record) const;
  std::int64_t now() const { return seams_.now_utc_ms ? seams_.now_utc_ms() : utc_ms_now(); }
  void commit(std::span<PendingInstance* const> group);

  LocalArchiveSeams seams_;
  SameContent same_content_;
  DataFolder folder_;
  BlobStore blobs_;
  IndexWriter writer_;
  ReconcileReport reconciled_;
  mutable IndexReader reader_;
  ReaderPool arrivals_;  ///< of their own, so that no long question keeps an image waiting
  mutable std::mutex sequence_mutex_;
  mutable std::condition_variable sequence_grew_;
  std::int64_t last_sequence_ = 0;
  CommitGroup group_;
};

}  // namespace punctum
