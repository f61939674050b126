#include "storage/local_archive.hpp"

#include <algorithm>
#include <optional>

#include "dicom/types/error.hpp"
#include "dicom/types/heavy_turn.hpp"
#include "dicom/types/sop_classes.hpp"
#include "storage/index/reconcile.hpp"
#include "storage/upkeep/stored_files.hpp"

namespace punctum {

namespace {

constexpr std::size_t most_in_a_commit = 64;
constexpr std::size_t readers_for_arrivals = 2;
constexpr std::size_t most_unfinished = 1024;  // files whose storing one crash may cut off; more than there are senders
constexpr std::int64_t confirmation_step_ms = std::int64_t{3600} * 1000;  // ages count in days
constexpr std::uint64_t large_comparison = std::uint64_t{4} << 20;        // of both files: waits for its turn
constexpr std::uint64_t most_compared_bytes = std::uint64_t{256} << 20;   // of one file; comparing holds both

[[noreturn]] void refuse(const InstanceRecord& record, const std::string& difference) {
  throw IdentityConflict("cannot store instance " + record.name.sop_instance_uid.str() +
                         ": one with this UID is stored already, and " + difference + "; nothing was changed");
}

/// After a power loss a file without a row may be cut short: only what a mere crash left is read again.
AdoptOrphan adopts(const ArchiveOptions& options, const DataFolder& folder) {
  return folder.same_boot() ? options.adopt : AdoptOrphan();
}

/// A new index beside files was not always new.
sqlite::Connection open_own_index(const BlobStore& blobs, bool may_be_new) {
  const auto& data_dir = blobs.data_dir();
  if (!may_be_new && !std::filesystem::exists(index_path(data_dir))) require_own_index(blobs, blobs.list(), 0);
  return open_index(data_dir, sqlite::Access::read_write);
}

}  // namespace

LocalArchive::LocalArchive(const ArchiveOptions& options, LocalArchiveSeams seams)
    : seams_(std::move(seams)),
      same_content_(options.same_content),
      folder_(options.data_dir),
      blobs_({options.data_dir, options.low_water_bytes, options.quarantine_bytes, seams_.free_bytes, seams_.fault}),
      writer_(open_own_index(blobs_, /*may_be_new=*/adopts(options, folder_) != nullptr)),
      reconciled_(reconcile(blobs_, writer_, {adopts(options, folder_), options.is_whole, most_unfinished})),
      reader_(options.data_dir, options.readers),
      arrivals_(options.data_dir, readers_for_arrivals),
      last_sequence_(reader_.last_sequence()),
      group_([this](std::span<PendingInstance* const> group) { commit(group); }, most_in_a_commit) {
  folder_.note_this_boot();
}

StoreOutcome LocalArchive::store(std::unique_ptr<Spool> spool, const InstanceRecord& record) {
  auto* const file = dynamic_cast<SpoolFile*>(spool.get());
  if (file == nullptr) throw StorageError("cannot store: this spool file is not of this archive");
  // What is there already waits for no disk. A row that can be read is durable: readers see it after its commit.
  Known known = look_up(record);
  const auto dataset = file->dataset(record.dataset_offset);
  if (!is_comparable(known, record)) {
    auto as_stored = record;
    as_stored.dataset_digest = digest_of(dataset, DatasetHash(known.dataset_digest));
    return store(std::move(spool), as_stored);
  }
  // What was marked as lost and comes again byte by byte is stored anew: whoever waits for it sees it arrive.
  const auto in_marked_file = compare_marked(known, record, dataset);
  if (in_marked_file == Likeness::other) known.set_other_bytes();
  const bool comes_back = known.standing == Standing::lost && known.difference.empty();
  const Sound sound = comes_back ? Sound::no : may_be_replaced(known) ? is_sound(known, record) : Sound::yes;
  if (sound == Sound::unknown && known.only_bytes_differ) {
    throw OutOfResources("cannot store instance " + record.name.sop_instance_uid.str() +
                         ": one with this UID is stored, and its file cannot be read at the moment");
  }
  if (known.id != 0 && sound == Sound::yes) {
    const auto likeness =
        known.difference.empty() ? compare(file_of(record.name.sop_instance_uid), dataset) : Likeness::other;
    if (likeness == Likeness::other && known.difference.empty()) known.set_other_bytes();
    if (likeness == Likeness::other) return settle_conflict(*file, record, known);
    if (likeness == Likeness::same && still_holds(record, known)) return StoreOutcome::already_there;
  }
  PendingInstance pending;
  pending.record = &record;
  if (sound != Sound::yes) pending.unsound_id = known.id;
  pending.is_in_old_file = in_marked_file == Likeness::same;
  return store_anew(*file, std::move(pending));
}

StoreOutcome LocalArchive::store_anew(SpoolFile& file, PendingInstance pending) {
  blobs_.require_room();
  pending.file_size = file.size();
  pending.blob = blobs_.keep(file);
  pending.stored_utc_ms = now();
  try {
    group_.commit(pending);
  } catch (const Error&) {
    if (!pending.in_doubt) blobs_.remove(pending.blob);  // a commit in doubt may be found done after a crash
    throw;
  }
  return settle(file, pending);
}

Known LocalArchive::look_up(const InstanceRecord& record) {
  return arrivals_.read([&](sqlite::Connection& connection) { return known_instance(connection, record); });
}

std::optional<StoredFile> LocalArchive::file_of(const Uid& sop_instance_uid) {
  return arrivals_.read(
      [&](sqlite::Connection& connection) { return stored_file_of(connection, sop_instance_uid, blobs_.data_dir()); });
}

/// Byte by byte: that two digests are the same says nothing where somebody made them so.
LocalArchive::Likeness LocalArchive::compare(const std::optional<StoredFile>& stored, const DatasetBytes& dataset) {
  const auto there = stored ? dataset_of(*stored) : std::nullopt;
  if (!there) return Likeness::gone;  // removed a moment ago
  return same_bytes(*there, dataset) ? Likeness::same : Likeness::other;
}

/// A mark may not hold, and then what only has the same digest may not take the place. Nothing: there is no mark, or
/// the file is indeed not whole.
std::optional<LocalArchive::Likeness> LocalArchive::compare_marked(const Known& known, const InstanceRecord& record,
                                                                   const DatasetBytes& dataset) {
  if (known.standing != Standing::lost || !known.difference.empty()) return std::nullopt;
  const auto stored = file_of(record.name.sop_instance_uid);
  if (!stored || condition_of(*stored, {}) != FileCondition::whole) return std::nullopt;
  return compare(stored, dataset);
}

/// Whoever is told "stored already" may delete the last other copy, and what takes the place of a stored file ends it:
/// so the file itself is read first, whatever its row says. Marks that do not hold are lifted.
LocalArchive::Sound LocalArchive::is_sound(const Known& known, const InstanceRecord& record) {
  const auto stored = file_of(record.name.sop_instance_uid);
  if (!stored || stored->sequence != known.id) return Sound::no;  // removed a moment ago
  const auto condition = condition_of(*stored, {});
  if (condition == FileCondition::unreadable) return Sound::unknown;
  if (condition != FileCondition::whole) return Sound::no;
  if (known.standing != Standing::lost) return Sound::yes;
  PendingInstance pending;
  pending.record = &record;
  pending.only_confirm = true;
  pending.sound_id = known.id;
  pending.stored_utc_ms = now();
  group_.commit(pending);
  return Sound::yes;
}

bool LocalArchive::holds(const SopInstance& name, ByteView dataset) {
  const auto stored = file_of(name.sop_instance_uid);
  if (!stored || stored->name != name) return false;
  return compare(stored, dataset_in(dataset, 0)) == Likeness::same && is_kept(name, stored->dataset_digest);
}

bool LocalArchive::is_kept(const StoredInstance& stored) {
  return is_kept(stored.record.name, stored.record.dataset_digest);
}

bool LocalArchive::is_kept(const SopInstance& name, const Digest& dataset_digest) {
  const auto any_syntax = Uid::require(transfer_syntax::explicit_vr_little_endian);  // the digest is of its bytes
  const InstanceRecord record{name, any_syntax, dataset_digest, 0, 0, Origin::received, {}, {}};
  const auto known = look_up(record);
  if (known.id == 0 || !known.difference.empty()) return false;
  return is_sound(known, record) == Sound::yes && still_holds(record, known);
}

/// From now on its age counts anew. Written once an hour for a study, so that sending one again costs no commits.
bool LocalArchive::still_holds(const InstanceRecord& record, const Known& known) {
  if (now() - known.confirmed_utc_ms < confirmation_step_ms) return true;
  PendingInstance pending;
  pending.record = &record;
  pending.only_confirm = true;
  pending.stored_utc_ms = now();
  group_.commit(pending);
  return pending.result == PendingInstance::Result::already_there;  // or it was removed a moment ago
}

StoreOutcome LocalArchive::settle(SpoolFile& file, const PendingInstance& pending) {
  if (!pending.replaced_blob.empty()) set_aside(pending.replaced_blob, pending.record->name.sop_instance_uid);
  if (pending.result == PendingInstance::Result::stored) return StoreOutcome::stored;
  blobs_.remove(pending.blob);  // somebody else was first; what is still open can still be compared
  auto known = pending.known;
  if (pending.result == PendingInstance::Result::already_there || known.only_bytes_differ) {
    const auto& record = *pending.record;
    const auto likeness = compare(file_of(record.name.sop_instance_uid), file.dataset(record.dataset_offset));
    if (likeness == Likeness::same) return StoreOutcome::already_there;
    if (likeness == Likeness::gone) {
      throw OutOfResources("cannot store instance " + record.name.sop_instance_uid.str() +
                           ": another sender's was stored and removed meanwhile; send it again");
    }
    known.set_other_bytes();
  }
  return settle_conflict(file, *pending.record, known);
}

/// If that fails or is cut off, the next start finds a file without a row and does the same.
void LocalArchive::set_aside(const std::string& blob, const Uid& sop_instance_uid) noexcept try {
  blobs_.set_aside(
      blob, "the file of " + sop_instance_uid.str() + " was lost or damaged, and one that was sent took its place");
} catch (const std::exception&) {
  return;  // mostly: it is not there
}

StoreOutcome LocalArchive::settle_conflict(SpoolFile& file, const InstanceRecord& record, const Known& known) {
  if (known.only_bytes_differ && is_same_content(file, record)) {
    if (!still_holds(record, known)) {
      throw StorageError("cannot store instance " + record.name.sop_instance_uid.str() +
                         ": what it was compared with was removed meanwhile; send it again");
    }
    note({.kind = std::string(event_kind::same_content),
          .sop_instance_uid = record.name.sop_instance_uid.str(),
          .study_instance_uid = record.name.study_instance_uid.str(),
          .source_ae_title = record.source_ae_title,
          .detail = "sent again with the same values in another encoding; what was stored first is kept"});
    return StoreOutcome::already_there;
  }
  note(identity_conflict(record, known.difference));
  refuse(record, known.difference);
}

/// What cannot be compared is not the same.
bool LocalArchive::is_same_content(SpoolFile& file, const InstanceRecord& record) const try {
  if (!same_content_) return false;
  const auto stored = reader_.instance(record.name.sop_instance_uid);
  if (!stored || stored->record.file_size > most_compared_bytes || file.size() > most_compared_bytes) return false;
  const auto inflates = [](const InstanceRecord& one) {
    return transfer_syntax::is_deflated(one.transfer_syntax_uid.str());
  };
  std::optional<HeavyTurn<Comparison>> turn;
  if (inflates(stored->record) || inflates(record) || stored->record.file_size + file.size() > large_comparison) {
    turn.emplace();
  }
  return same_content_(read(*stored), file.read_back(file.size()));
} catch (const OutOfResources&) {
  throw;
} catch (const Error&) {
  return false;
}

void LocalArchive::note(const Event& event) noexcept try {
  PendingInstance pending;
  pending.note = &event;
  pending.stored_utc_ms = now();
  group_.commit(pending);
} catch (const std::exception&) {
  return;  // an event that cannot be kept must not fail what it tells of
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
  return;  // best effort: the sender was told that nothing is stored
}

std::optional<StoredInstance> LocalArchive::instance(const Uid& sop_instance_uid) const {
  return reader_.instance(sop_instance_uid);
}

std::vector<StoredInstance> LocalArchive::series(const Uid& series_instance_uid) const {
  return reader_.series(series_instance_uid);
}

ReadPart LocalArchive::open_file(const StoredInstance& stored) const {
  const std::string what = "cannot read instance " + stored.record.name.sop_instance_uid.str();
  if (stored.damaged) throw StorageError(what + ": its file is damaged; send it again from where it came");
  const auto path = blobs_.path_of(stored.blob);
  const auto file = std::make_shared<const FileDescriptor>(punctum::open_file(path));
  if (const auto size = file_size(*file, path); size != stored.record.file_size) {
    throw StorageError(what + ": its file has " + std::to_string(size) + " bytes, " +
                       std::to_string(stored.record.file_size) + " were stored");
  }
  return [file, path, what](std::uint64_t offset, std::uint64_t size) {
    auto bytes = read_part(*file, offset, size, path);
    if (bytes.size() == size) return bytes;
    throw StorageError(what + ": its file ends after " + std::to_string(offset + bytes.size()) + " bytes");
  };
}

void LocalArchive::query(const Query& query, const std::function<bool(const QueryRow&)>& emit,
                         const Interruption& interruption) const {
  reader_.query(query, emit, interruption);
}

std::vector<StoredInstance> LocalArchive::select(QueryLevel level, const std::vector<Match>& unique_keys) const {
  return reader_.select(level, unique_keys);
}

std::vector<Change> LocalArchive::changes_after(std::int64_t sequence, std::size_t limit) const {
  return reader_.changes_after(sequence, limit);
}

bool LocalArchive::wait_for_change(std::int64_t sequence, std::chrono::milliseconds at_most) const {
  std::unique_lock lock(sequence_mutex_);
  const auto known = last_sequence_;
  if (known > sequence) {  // unless what came since is gone again, and there is nothing to see
    lock.unlock();
    if (!reader_.changes_after(sequence, 1).empty()) return true;
    lock.lock();
  }
  return sequence_grew_.wait_for(lock, at_most, [&] { return last_sequence_ > std::max(sequence, known); });
}

std::int64_t LocalArchive::last_sequence() const {
  const std::lock_guard lock(sequence_mutex_);
  return last_sequence_;
}

std::int64_t LocalArchive::last_arrival_utc_ms(const Uid& series_instance_uid) const {
  return reader_.last_arrival_utc_ms(series_instance_uid);
}

}  // namespace punctum
