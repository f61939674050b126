#include "storage/index/reconcile.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <unordered_map>

#include "dicom/types/dataset_hash.hpp"
#include "dicom/types/error.hpp"
#include "storage/index/event_rows.hpp"
#include "storage/upkeep/discarded_files.hpp"
#include "storage/upkeep/stored_files.hpp"

namespace punctum {

namespace {

struct Row {
  std::int64_t id = 0;
  bool missing = false, found = false;
};
using Rows = std::unordered_map<std::string, Row>;

Rows rows_by_blob(sqlite::Connection& connection) {
  Rows rows;
  auto row = connection.use("SELECT blob, id, file_missing FROM instance");
  while (row->step()) rows.emplace(row->text(0), Row{row->integer(1), row->integer(2) != 0, false});
  return rows;
}

std::vector<std::string> settle_names(const std::vector<std::string>& files, Rows& rows) {
  std::vector<std::string> orphans;
  for (const auto& file : files) {
    if (const auto row = rows.find(file); row != rows.end()) {
      row->second.found = true;
    } else {
      orphans.push_back(file);
    }
  }
  return orphans;
}

/// One event a study.
void tell_of_missing(sqlite::Connection& connection, const std::vector<std::int64_t>& instances) {
  std::map<std::string, std::size_t> missing;
  for (const auto id : instances) {
    auto row = connection.use(
        "SELECT study_instance_uid FROM study JOIN series ON series.study = study.id JOIN instance ON instance.series "
        "= series.id WHERE instance.id = ?");
    if (row->with(id).step()) ++missing[row->text(0)];
  }
  sqlite::Transaction transaction(connection);
  for (const auto& [study, files] : missing) {
    add_event(connection,
              {.kind = std::string(event_kind::damaged),
               .study_instance_uid = study,
               .detail = std::to_string(files) + " of its files were missing at a start"},
              utc_ms_now());
  }
  transaction.commit();
}

void mark_rows(IndexWriter& index, const Rows& rows, ReconcileReport& report) {
  std::vector<std::int64_t> gone, back;
  for (const auto& [blob, row] : rows) {
    if (!row.found && !row.missing) gone.push_back(row.id);
    if (row.found && row.missing) back.push_back(row.id);
    ++(row.found ? report.instances : report.rows_without_file);
  }
  if (!gone.empty()) {
    index.mark_missing(gone, true);
    tell_of_missing(index.connection(), gone);
  }
  if (!back.empty()) index.mark_missing(back, false);
}

constexpr std::uint64_t most_adopted_bytes = std::uint64_t{512} << 20;  // read whole

std::optional<InstanceRecord> understood(const Bytes& bytes, const AdoptOrphan& understands) try {
  return understands ? understands(bytes) : std::nullopt;
} catch (const Error&) {
  return std::nullopt;
}

bool seems_whole(const BlobStore& blobs, const std::string& orphan, const std::function<bool(ByteView)>& is_whole) {
  const auto size = blobs.size(orphan);
  return is_whole && size > 0 && size <= most_adopted_bytes && is_whole(blobs.read(orphan));
}

bool is_known(sqlite::Connection& connection, const std::string& blob) {
  auto row =
      connection.use("SELECT 1 FROM instance WHERE blob = ?1 UNION ALL SELECT 1 FROM discarded_blob WHERE blob = ?1");
  return row->with(blob).step();
}

/// Whether the file that the index knows of that name has the same data set, byte by byte.
bool is_there_too(const Uid& sop_instance_uid, const DatasetBytes& dataset, sqlite::Connection& connection,
                  const BlobStore& blobs) try {
  const auto stored = stored_file_of(connection, sop_instance_uid, blobs.data_dir());
  const auto there = stored ? dataset_of(*stored) : std::nullopt;
  return there && same_bytes(*there, dataset);
} catch (const Error&) {
  return false;  // it cannot be read: the orphan may be what is left of it
}

bool adopted(BlobStore& blobs, IndexWriter& index, const std::string& orphan, const AdoptOrphan& adopt) {
  if (!adopt || blobs.size(orphan) > most_adopted_bytes) return false;
  const Bytes bytes = blobs.read(orphan);
  auto record = understood(bytes, adopt);
  if (!record) return false;  // the quarantine keeps it
  const auto dataset = dataset_in(bytes, record->dataset_offset);
  if (const auto known = known_instance(index.connection(), *record); !is_comparable(known, *record)) {
    record->dataset_digest = digest_of(dataset, DatasetHash(known.dataset_digest));
  }
  PendingInstance pending;
  pending.record = &*record;
  pending.blob = orphan;
  pending.file_size = bytes.size();
  pending.stored_utc_ms = utc_ms_now();
  PendingInstance* const group[]{&pending};
  blobs.make_durable(orphan);
  index.add(group);
  if (pending.result == PendingInstance::Result::already_there) {
    if (!is_there_too(record->name.sop_instance_uid, dataset, index.connection(), blobs)) return false;
    blobs.remove(orphan);  // its sender came again
  }
  if (pending.result != PendingInstance::Result::conflict) return true;
  add_event(index.connection(), identity_conflict(*record, pending.known.difference), pending.stored_utc_ms);
  return false;
}

}  // namespace

void require_own_index(const BlobStore& blobs, const std::vector<std::string>& files, std::size_t most_unfinished) {
  const auto written = std::ranges::count_if(files, [&](const auto& file) { return blobs.size(file) > 0; });
  if (static_cast<std::size_t>(written) <= most_unfinished) return;
  throw StorageError("cannot open the archive: its index does not know " + std::to_string(written) +
                     " of the files in " + (blobs.data_dir() / "blobs").string() +
                     ", so it is lost or older than they are; none of them was touched. Put the right index.sqlite "
                     "back; or rename that folder and, before the node is started, bring its files in anew with "
                     "punctum import");
}

ReconcileReport reconcile(BlobStore& blobs, IndexWriter& index, const ReconcileRules& rules) {
  ReconcileReport report;
  report.discarded_removed = remove_discarded_files(index.connection(), blobs.data_dir());
  Rows rows = rows_by_blob(index.connection());
  const auto orphans = settle_names(blobs.list(), rows);
  if (!rules.adopt) require_own_index(blobs, orphans, rules.most_unfinished);
  mark_rows(index, rows, report);
  for (const auto& orphan : orphans) {
    if (is_known(index.connection(), orphan)) continue;  // another process deletes its study just now
    const bool complete = blobs.is_complete(orphan);
    if (!complete && !seems_whole(blobs, orphan, rules.is_whole)) {
      blobs.remove(orphan);
      ++report.unfinished_removed;
    } else if (complete && adopted(blobs, index, orphan, rules.adopt)) {
      ++report.orphans_adopted;
    } else {
      blobs.set_aside(orphan,
                      "found at start without an entry in the index: either its storing was not finished, and nobody "
                      "was told that it was; or the index is not the one that belongs to it\n");
      ++report.orphans_quarantined;
    }
  }
  return report;
}

}  // namespace punctum
