#pragma once

#include <stop_token>

#include "node/runtime/wake_up.hpp"
#include "storage/archive.hpp"
#include "storage/follower_store.hpp"
#include "storage/job_store.hpp"

namespace punctum {

/// Follows the change feed and makes a job for each series and lesion that a stored presentation state speaks of, also
/// of those that arrived while the node was down. What holds no usable click becomes a refused job with the reason. Its
/// place in the feed is durable and moves only after the jobs are, so that a crash loses none and makes none twice. One
/// thread.
class JobFeed {
 public:
  /// @param arrived rings after every batch of changes, jobs or not: a waiting job may have got its images.
  JobFeed(const Archive& archive, JobStore& jobs, FollowerStore& followers, WakeUp& arrived)
      : archive_(archive), jobs_(jobs), followers_(followers), arrived_(arrived) {}

  /// Handles what the feed holds now. @return how many changes that were.
  std::size_t catch_up();
  void run(const std::stop_token& stop);

 private:
  void make_jobs(const SopInstance& presentation_state);

  const Archive& archive_;
  JobStore& jobs_;
  FollowerStore& followers_;
  WakeUp& arrived_;
};

}  // namespace punctum
