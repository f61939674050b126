#pragma once

#include <chrono>
#include <memory>
#include <stop_token>

#include "config/config.hpp"
#include "node/housekeeping/disk_watch.hpp"
#include "node/housekeeping/scrubber.hpp"
#include "node/runtime/clock.hpp"
#include "node/runtime/wake_up.hpp"
#include "storage/upkeep.hpp"

namespace punctum {

/// What a node does for its memory beside its work, on one thread: looks at the disk every second, re-reads stored
/// files at the configured pace, removes what the rules of retention say; and after an upgrade reads what the index of
/// before did not keep.
class Housekeeper {
 public:
  Housekeeper(Archive& archive, FollowerStore& followers, std::unique_ptr<Upkeep> upkeep, StorageConfig rules,
              Clock clock);

  void run(const std::stop_token& stop);  ///< until asked to stop
  const DiskWatch& disk() const { return disk_; }

 private:
  void rest(const std::stop_token& stop);
  void scrub(const std::stop_token& stop);
  void keep_rules(const std::stop_token& stop);
  void read_late(const std::stop_token& stop);

  Archive& archive_;
  std::unique_ptr<Upkeep> upkeep_;
  StorageConfig rules_;
  Clock clock_;
  DiskWatch disk_;
  Scrubber scrubber_;
  WakeUp nothing_rings_;
  std::int64_t bytes_left_ = 0;  ///< to read in this second
  std::int64_t scrub_again_utc_ms_ = 0, keep_rules_again_utc_ms_ = 0;
  bool all_sequences_read_ = false;
};

}  // namespace punctum
