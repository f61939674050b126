#include "node/housekeeping/scrubber.hpp"

#include "node/runtime/log.hpp"

namespace punctum {
namespace {

constexpr const char* follower_name = "scrub";

struct BrokenOff {};

}  // namespace

Scrubber::Pass Scrubber::work(std::size_t most_files, const Pace& pace) {
  Pass pass;
  auto position = followers_.position(follower_name);
  const auto files = upkeep_.files_after(position, most_files);
  for (const auto& file : files) {
    if (!examine(file, pace, pass)) break;
    position = file.sequence;
    ++pass.files;
  }
  pass.finished = files.size() < most_files && pass.files == files.size();
  if (pass.finished) {
    followers_.restart(follower_name);
  } else {
    followers_.advance(follower_name, position);
  }
  return pass;
}

bool Scrubber::examine(const StoredFile& file, const Pace& pace, Pass& pass) try {
  const auto condition = upkeep_.examine(file, [&](std::size_t bytes) {
    if (!pace(bytes)) throw BrokenOff{};
  });
  const bool is_news = (condition != FileCondition::whole) != file.marked_damaged;
  if (!is_news || !upkeep_.still_stored(file)) return true;
  upkeep_.mark(file, condition);
  if (condition == FileCondition::whole) return true;
  ++pass.damaged;
  log_event(LogLevel::error, "storage", "damaged",
            {{"instance", file.name.sop_instance_uid}, {"file", file.blob}, {"found", to_string(condition)}});
  return true;
} catch (const BrokenOff&) {
  return false;
}

}  // namespace punctum
