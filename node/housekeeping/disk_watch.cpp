#include "node/housekeeping/disk_watch.hpp"

#include "node/runtime/log.hpp"

namespace punctum {

void DiskWatch::look() {
  const bool room = archive_.has_room();
  room_ = room;
  if (room == told_) return;
  told_ = room;
  if (room) {
    log_event(LogLevel::info, "storage", "disk_recovered");
    archive_.note({.kind = std::string(event_kind::disk_recovered), .detail = "instances are accepted again"});
  } else {
    log_event(LogLevel::error, "storage", "disk_low");
    archive_.note({.kind = std::string(event_kind::disk_low),
                   .detail =
                       "free space fell below min_free_mb, or there is room for hardly any more files: nothing is "
                       "accepted until there is more"});
  }
}

}  // namespace punctum
