#include "storage/index/reconcile.hpp"

#include <algorithm>
#include <unordered_map>

#include "dicom/types/error.hpp"
#include "storage/index/event_rows.hpp"
#include "storage/upkeep/discarded_files.hpp"

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

void mark_rows(IndexWriter& index, const Rows& rows, ReconcileReport& report) {
  std::vector<std::int64_t> gone, back;
  for (const auto& [blob, row] : rows) {
    if (!row.found && !row.missing) gone.push_back(row.id);
    if (row.found && row.missing) back.push_back(row.id);
    ++(row.found ? report.instances : report.rows_without_file);
  }
  if (!gone.empty()) index.mark_missing(gone, true);
  if (!back.empty()) index.mark_missing(back, false);
}

bool adopted(BlobStore& blobs, IndexWriter& index, const std::string& orphan, const AdoptOrphan& adopt) {
  if (!adopt) return false;
  std::optional<InstanceRecord> record;
  const Bytes bytes = blobs.read(orphan);
  try {
    record = adopt(bytes);
  } catch (const Error&) {
    return false;  // not understood: the quarantine keeps it
  }
  if (!record) return false;
  PendingInstance pending;
  pending.record = &*record;
  pending.blob = orphan;
  pending.file_size = bytes.size();
  pending.stored_utc_ms = utc_ms_now();
  PendingInstance* const group[]{&pending};
  blobs.make_durable(orphan);
  index.add(group);
  if (pending.result == PendingInstance::Result::already_there) blobs.remove(orphan);  // its sender came again
  if (pending.result != PendingInstance::Result::conflict) return true;
  add_event(index.connection(), identity_conflict(*record, pending.known.difference), pending.stored_utc_ms);
  return false;
}

}  // namespace

ReconcileReport reconcile(BlobStore& blobs, IndexWriter& index, const AdoptOrphan& adopt) {
  ReconcileReport report;
  report.discarded_removed = remove_discarded_files(index.connection(), blobs.data_dir());
  Rows rows = rows_by_blob(index.connection());
  const auto orphans = settle_names(blobs.list(), rows);
  mark_rows(index, rows, report);
  for (const auto& orphan : orphans) {
    if (!blobs.is_complete(orphan)) {
      blobs.remove(orphan);
      ++report.unfinished_removed;
    } else if (adopted(blobs, index, orphan, adopt)) {
      ++report.orphans_adopted;
    } else {
      blobs.quarantine(orphan,
                       "found at start without an entry in the index: its storing was not finished, and nobody "
                       "was told that it was\n");
      ++report.orphans_quarantined;
    }
  }
  return report;
}

}  // namespace punctum
