#include "node/commitment/kept_check.hpp"

#include "dicom/types/error.hpp"
#include "node/runtime/log.hpp"

namespace punctum {
std::uint16_t reason_not_kept(Archive& archive, const CommittedObject& object) {
  const auto stored = archive.instance(object.sop_instance_uid);
  if (!stored) return commitment_failure::no_such_object_instance;
  if (stored->record.name.sop_class_uid != object.sop_class_uid) return commitment_failure::class_instance_conflict;
  try {
    if (archive.is_kept(*stored)) return commitment_failure::none;
    log_event(LogLevel::error, "commitment", "damaged", {{"instance", object.sop_instance_uid}});
  } catch (const StorageError& error) {
    log_event(LogLevel::error, "commitment", "unreadable",
              {{"instance", object.sop_instance_uid}, {"why", error.what()}});
  }
  return commitment_failure::processing_failure;
}

}  // namespace punctum
