#include "storage/local_archive.hpp"

#include <algorithm>

#include "dicom/types/error.hpp"
#include "storage/index/reconcile.hpp"

namespace punctum {

namespace {

constexpr std::size_t most_in_a_commit = 64;

[[noreturn]] void refuse(const InstanceRecord& record, const std::string& difference) {
  throw IdentityConflict("cannot store instance " + record.name.sop_instance_uid.str() +
                         ": one with this UID is stored already, and " + difference + "; nothing was changed");
}

}  // namespace

LocalArchive::LocalArchive(const ArchiveOptions& options, LocalArchiveSeams seams)
    : seams_(std::move(seams)),
      folder_(options.data_dir),
      blobs_({options.data_dir, options.low_water_bytes, seams_.free_bytes, seams_.fault}),
      writer_(open_index(options.data_dir, sqlite::Access::read_write)),
      // After a power loss a file without a row may be cut short: only what a mere crash left is read again.
      reconciled_(reconcile(blobs_, writer_, folder_.same_boot() ? options.adopt : AdoptOrphan())),
      reader_(options.data_dir, options.readers),
      last_sequence_(reader_.last_sequence()),
      group_([this](std::span<PendingInstance* const> group) { commit(group); }, most_in_a_commit) {
  folder_.note_this_boot();
}

StoreOutcome LocalArchive::store(std::unique_ptr<Spool> spool, const InstanceRecord& record) {
  auto* const file = dynamic_cast<SpoolFile*>(spool.get());
  if (file == nullptr) throw StorageError("cannot store: this spool file is not of this archive");
  // What is there already needs no disk. A row that can be read is durable: readers see it after its commit.
  const Known known =
      reader_.pool().read([&](sqlite::Connection& connection) { return known_instance(connection, record); });
  if (known.standing == Standing::same) return StoreOutcome::already_there;
  if (known.standing == Standing::conflict) refuse(record, known.difference);

  blobs_.require_room();
  PendingInstance pending;
  pending.record = &record;
  pending.file_size = file->size();
  pending.blob = blobs_.keep(*file);
  pending.stored_utc_ms = seams_.now_utc_ms ? seams_.now_utc_ms() : utc_ms_now();
  try {
    group_.commit(pending);
  } catch (const Error&) {
    if (!pending.in_doubt) blobs_.remove(pending.blob);  // a commit in doubt may be found done after a crash
    throw;
  }
  return settle(pending);
}

StoreOutcome LocalArchive::settle(const PendingInstance& pending) {
  if (pending.result == PendingInstance::Result::stored) return StoreOutcome::stored;
  blobs_.remove(pending.blob);  // somebody else was first
  if (pending.result == PendingInstance::Result::conflict) refuse(*pending.record, pending.conflict);
  return StoreOutcome::already_there;
}

void LocalArchive::commit(std::span<PendingInstance* const> group) {
  writer_.add(group);
  std::int64_t last = 0;
  for (const auto* one : group) last = std::max(last, one->sequence);
  {
    const std::lock_guard lock(sequence_mutex_);
    last_sequence_ = std::max(last_sequence_, last);
  }
  sequence_grew_.notify_all();
}

void LocalArchive::quarantine(std::unique_ptr<Spool> spool, const std::string& reason) noexcept try {
  if (auto* const file = dynamic_cast<SpoolFile*>(spool.get())) blobs_.quarantine(*file, reason);
} catch (const std::exception&) {
  // Best effort: the sender was told that nothing is stored.
}

std::optional<StoredInstance> LocalArchive::instance(const Uid& sop_instance_uid) const {
  return reader_.instance(sop_instance_uid);
}

std::vector<StoredInstance> LocalArchive::series(const Uid& series_instance_uid) const {
  return reader_.series(series_instance_uid);
}

Bytes LocalArchive::read(const StoredInstance& stored) const {
  Bytes bytes = blobs_.read(stored.blob);
  if (bytes.size() == stored.record.file_size) return bytes;
  throw StorageError("cannot read instance " + stored.record.name.sop_instance_uid.str() + ": its file has " +
                     std::to_string(bytes.size()) + " bytes, " + std::to_string(stored.record.file_size) +
                     " were stored");
}

void LocalArchive::query(const Query& query, const std::function<bool(const QueryRow&)>& emit) const {
  reader_.query(query, emit);
}

std::vector<StoredInstance> LocalArchive::select(QueryLevel level, const std::vector<Match>& unique_keys) const {
  return reader_.select(level, unique_keys);
}

std::vector<Change> LocalArchive::changes_after(std::int64_t sequence, std::size_t limit) const {
  return reader_.changes_after(sequence, limit);
}

bool LocalArchive::wait_for_change(std::int64_t sequence, std::chrono::milliseconds at_most) const {
  std::unique_lock lock(sequence_mutex_);
  return sequence_grew_.wait_for(lock, at_most, [&] { return last_sequence_ > sequence; });
}

std::int64_t LocalArchive::last_sequence() const {
  const std::lock_guard lock(sequence_mutex_);
  return last_sequence_;
}

std::int64_t LocalArchive::last_arrival_utc_ms(const Uid& series_instance_uid) const {
  return reader_.last_arrival_utc_ms(series_instance_uid);
}

}  // namespace punctum
