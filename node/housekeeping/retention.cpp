#include "node/housekeeping/retention.hpp"

#include "node/runtime/log.hpp"
#include "storage/follower_store.hpp"

namespace punctum {
namespace {

constexpr std::size_t studies_a_page = 1000;

std::string days_text(std::chrono::days age) { return "older than " + std::to_string(age.count()) + " days"; }

void tell_held(Archive& archive, const Uid& study, const std::string& why) {
  log_event(LogLevel::warning, "storage", "deletion_held", {{"study", study}, {"why", why}});
  archive.note({.kind = std::string(event_kind::deletion_held), .study_instance_uid = study.str(), .detail = why});
}

bool remove_old(Upkeep& upkeep, Archive& archive, const Uid& study, const DeletionRule& rule) {
  const auto deletion = upkeep.delete_study(study, rule);
  if (deletion.outcome == Deletion::Outcome::held) tell_held(archive, study, deletion.why_held);
  if (deletion.outcome != Deletion::Outcome::deleted) return false;
  log_event(LogLevel::info, "storage", "study_deleted",
            {{"study", study}, {"instances", deletion.instances}, {"why", rule.reason}});
  return true;
}

}  // namespace

const std::vector<std::string>& followers_before_deletion() {
  static const std::vector<std::string> names{follower::jobs, follower::deliver};
  return names;
}

std::size_t apply_retention(Upkeep& upkeep, Archive& archive, std::chrono::days age, std::int64_t now_utc_ms,
                            const std::function<bool()>& go_on) {
  if (age.count() == 0) return 0;
  const auto oldest = now_utc_ms - std::chrono::duration_cast<std::chrono::milliseconds>(age).count();
  const DeletionRule rule{days_text(age), followers_before_deletion(), false, oldest};
  std::size_t removed = 0;
  std::int64_t looked_at = 0;  // however many are held, those behind them have their turn
  for (;;) {
    const auto page = upkeep.studies_quiet_since(oldest, looked_at, studies_a_page);
    for (const auto& study : page) {
      if (!go_on()) return removed;
      removed += remove_old(upkeep, archive, study.study_instance_uid, rule);
      looked_at = study.number;
    }
    if (page.size() < studies_a_page) return removed;
  }
}

}  // namespace punctum
