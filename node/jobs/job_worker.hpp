#pragma once

#include <chrono>
#include <stop_token>
#include <string>

#include "node/pipeline/pipeline.hpp"
#include "node/runtime/wake_up.hpp"

namespace punctum {

/// When a job may run, and when it is given up.
struct JobRules {
  std::chrono::milliseconds settle{1000};           ///< the series must be quiet this long
  std::chrono::milliseconds images_within{600000};  ///< images that are not there by then: refused
  int attempts = 3;                                 ///< runs of a job that ends in an error
  std::chrono::milliseconds first_retry{5000};      ///< doubled with every further one
  std::chrono::milliseconds lease{20000};           ///< what a crash left running is taken up again after this
};

/// Takes one waiting job after the other and runs the pipeline for it. One thread: the one that owns the network.
class JobWorker {
 public:
  /// @param holder names this worker in the leases.
  JobWorker(JobStore& jobs, PipelineParts parts, JobRules rules, std::string holder)
      : jobs_(jobs), parts_(std::move(parts)), rules_(rules), holder_(std::move(holder)) {}

  /// @return false if no job could be claimed.
  bool work_once();
  void run(const std::stop_token& stop, WakeUp& arrived);

 private:
  void work_on(Job job);
  /// Puts the job back into the queue while its images are not all there, and refuses it when they do not come.
  /// @return false if they are there: the job can run.
  bool put_off(const Job& job, const PointPrompt& prompt);
  void conclude(Job job, const JobResult& result);
  void retry_or_fail(Job job, const std::string& reason);
  void finish(Job job, JobState state, const std::string& message);

  JobStore& jobs_;
  PipelineParts parts_;
  JobRules rules_;
  std::string holder_;
};

}  // namespace punctum
