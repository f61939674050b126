#include "node/housekeeping/housekeeper.hpp"

#include <algorithm>
#include <utility>

#include "dicom/types/error.hpp"
#include "node/housekeeping/late_sequences.hpp"
#include "node/housekeeping/retention.hpp"
#include "node/runtime/log.hpp"

namespace punctum {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds tick{1000};
constexpr std::int64_t rules_every_ms = 600'000;
constexpr std::int64_t pass_at_most_every_ms = 86'400'000;
constexpr std::size_t files_at_a_time = 64;

}  // namespace

Housekeeper::Housekeeper(Archive& archive, FollowerStore& followers, std::unique_ptr<Upkeep> upkeep,
                         StorageConfig rules, Clock clock)
    : archive_(archive),
      upkeep_(std::move(upkeep)),
      rules_(rules),
      clock_(std::move(clock)),
      disk_(archive),
      scrubber_(*upkeep_, followers) {}

void Housekeeper::rest(const std::stop_token& stop) {
  nothing_rings_.wait(stop, tick);
  disk_.look();
  const auto pace = static_cast<std::int64_t>(rules_.scrub_mb_per_s * (1 << 20));
  bytes_left_ = std::min(bytes_left_ + pace, pace);  // what was not used is not saved up
}

void Housekeeper::scrub(const std::stop_token& stop) {
  if (rules_.scrub_mb_per_s <= 0 || clock_() < scrub_again_utc_ms_ || bytes_left_ <= 0) return;
  const auto began = clock_();
  const auto pass = scrubber_.work(files_at_a_time, [&](std::size_t bytes) {
    bytes_left_ -= static_cast<std::int64_t>(bytes);
    while (bytes_left_ <= 0 && !stop.stop_requested()) rest(stop);
    return !stop.stop_requested();
  });
  if (pass.finished) scrub_again_utc_ms_ = began + pass_at_most_every_ms;
}

void Housekeeper::keep_rules(const std::stop_token& stop) {
  upkeep_->remove_discarded_files();
  if (clock_() < keep_rules_again_utc_ms_) return;
  keep_rules_again_utc_ms_ = clock_() + rules_every_ms;
  apply_retention(*upkeep_, archive_, rules_.retention, clock_(), [&] {
    disk_.look();  // what is removed makes room, and senders shall know
    return !stop.stop_requested();
  });
}

void Housekeeper::read_late(const std::stop_token& stop) {
  if (all_sequences_read_) return;
  all_sequences_read_ = read_some_late_sequences(*upkeep_, [&] { return !stop.stop_requested(); });
}

void Housekeeper::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    rest(stop);
    for (const auto work : {&Housekeeper::keep_rules, &Housekeeper::read_late, &Housekeeper::scrub}) {
      try {  // each for itself: none keeps the others from their turn
        (this->*work)(stop);
      } catch (const std::exception& error) {
        log_event(LogLevel::error, "storage", "housekeeping_failed", {{"why", error.what()}});
      }
    }
  }
}

}  // namespace punctum
