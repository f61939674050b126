#include "node/commitment/kept_check.hpp"

#include <algorithm>

#include "dicom/types/error.hpp"
#include "node/runtime/log.hpp"

namespace punctum {
namespace {

bool is_intact(const Archive& archive, const StoredInstance& stored) {
  constexpr std::uint64_t piece = std::uint64_t{1} << 20;
  const auto read = archive.open_file(stored);
  Sha256 hash;
  for (auto at = stored.record.dataset_offset; at < stored.record.file_size; at += piece) {
    hash.update(ByteView(read(at, std::min(piece, stored.record.file_size - at))));
  }
  return hash.finish() == stored.record.dataset_digest;
}

}  // namespace

std::uint16_t reason_not_kept(const Archive& archive, const CommittedObject& object) {
  const auto stored = archive.instance(object.sop_instance_uid);
  if (!stored) return commitment_failure::no_such_object_instance;
  if (stored->record.name.sop_class_uid != object.sop_class_uid) return commitment_failure::class_instance_conflict;
  try {
    if (is_intact(archive, *stored)) return commitment_failure::none;
    log_event(LogLevel::error, "commitment", "damaged", {{"instance", object.sop_instance_uid}});
  } catch (const StorageError& error) {
    log_event(LogLevel::error, "commitment", "unreadable",
              {{"instance", object.sop_instance_uid}, {"why", error.what()}});
  }
  return commitment_failure::processing_failure;
}

}  // namespace punctum
