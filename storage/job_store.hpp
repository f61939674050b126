#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dicom/types/uid.hpp"

namespace punctum {

/// `delivered`: SEG and SR are stored and visible here; what peers have got of them is the delivery store's to say.
enum class JobState { waiting, running, delivered, refused, failed };
std::string_view to_string(JobState state);

/// Work to do for one lesion of one presentation state. A row, not an object with behaviour.
/// Unique by (presentation state, series, lesion): the same click sent twice makes no second job.
struct Job {
  std::int64_t id = 0;
  Uid gsps_uid;
  std::string series_uid;    ///< empty when the presentation state was refused before a series was known
  std::string tracking_uid;  ///< likewise
  JobState state = JobState::waiting;
  int round = 0;        ///< set when the job has run
  int attempts = 0;     ///< how often it was claimed; postponing takes that one back
  std::string message;  ///< why it waits, was refused or failed; a sentence
  std::string seg_uid, sr_uid;
  std::map<std::string, double> stage_ms;
  std::int64_t created_utc_ms = 0, updated_utc_ms = 0;
};

/// Jobs that survive a restart, in the index database. A running job is held by a lease; once that has ended, anybody
/// may claim the job again. A run that outlasts its lease does no harm: its results have the same UIDs whoever makes
/// them, and storing them again is a no-op. Any thread.
class JobStore {
 public:
  virtual ~JobStore() = default;
  /// @return the new row, or nothing if one with the same identity exists.
  virtual std::optional<Job> add(const Job& job) = 0;
  /// The oldest waiting job whose `not_before` has passed (or running one whose lease ran out), now running under this
  /// holder. Jobs of the same lesion are given out in the order of their creation, never two at a time.
  virtual std::optional<Job> claim(const std::string& holder, std::chrono::milliseconds lease) = 0;
  /// Back to waiting, to be given out again after the delay; the attempt does not count.
  virtual void postpone(std::int64_t id, const std::string& reason, std::chrono::milliseconds delay) = 0;
  /// Likewise, but the attempt counts. Neither has an effect on a job that is not running.
  virtual void retry(std::int64_t id, const std::string& reason, std::chrono::milliseconds delay) = 0;
  virtual void finish(const Job& job) = 0;  ///< writes state, message, round, result UIDs, stage_ms; frees the lease.
                                            ///< No effect on a job that is finished already
  virtual std::vector<Job> list(std::size_t limit) const = 0;  ///< newest first
  /// Delivered jobs of the lesion on that series, oldest first.
  virtual std::vector<Job> rounds(const std::string& series_uid, const std::string& tracking_uid) const = 0;
};

}  // namespace punctum
