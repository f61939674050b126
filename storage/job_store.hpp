#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dicom/types/sop_instance.hpp"
#include "storage/event_store.hpp"

namespace punctum {

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

/// Jobs that survive a restart, in the index database. A running job is held by a lease; when its holder is silent past
/// the lease, anybody may claim it again. Any thread.
class JobStore {
 public:
  virtual ~JobStore() = default;
  /// @return the new row, or nothing if one with the same identity exists.
  virtual std::optional<Job> add(const Job& job) = 0;
  /// The oldest waiting job whose `not_before` has passed (or running one whose lease ran out), now running under this
  /// holder. Jobs of the same lesion are given out in the order of their creation, never two at a time.
  virtual std::optional<Job> claim(const std::string& holder, std::chrono::milliseconds lease) = 0;
  /// No effect when the lease went to somebody else meanwhile.
  virtual void renew(std::int64_t id, const std::string& holder, std::chrono::milliseconds lease) = 0;
  /// Back to waiting, to be given out again after the delay.
  virtual void postpone(std::int64_t id, const std::string& reason, std::chrono::milliseconds delay) = 0;
  virtual void finish(const Job& job) = 0;  ///< writes state, message, round, result UIDs, stage_ms; frees the lease.
                                            ///< No effect on a job that is finished already
  virtual std::optional<Job> find(std::int64_t id) const = 0;
  virtual std::vector<Job> list(std::size_t limit) const = 0;  ///< newest first
  /// Delivered jobs of the lesion on that series, oldest first.
  virtual std::vector<Job> rounds(const std::string& series_uid, const std::string& tracking_uid) const = 0;
};

enum class DeliveryState { waiting, sending, sent, failed };
std::string_view to_string(DeliveryState state);

/// One object for one peer.
struct Delivery {
  std::int64_t id = 0;
  Uid sop_instance_uid;
  std::string peer;  ///< AE title in the configuration's peers
  DeliveryState state = DeliveryState::waiting;
  int attempts = 0;
  std::string message;
  std::int64_t not_before_utc_ms = 0;
};

/// Outgoing objects that survive a restart. Any thread.
class DeliveryStore {
 public:
  virtual ~DeliveryStore() = default;
  virtual void add(const Uid& sop_instance_uid, const std::string& peer) = 0;  ///< no-op if it is there already
  virtual std::vector<Delivery> claim(const std::string& holder, const std::string& peer, std::size_t limit,
                                      std::chrono::milliseconds lease) = 0;
  virtual void sent(std::int64_t id) = 0;
  virtual void retry(std::int64_t id, const std::string& why, std::chrono::milliseconds delay) = 0;
  virtual void failed(std::int64_t id, const std::string& why) = 0;
  virtual std::vector<Delivery> list(std::size_t limit) const = 0;
};

/// Where each follower of the change feed stands.
class FollowerStore {
 public:
  virtual ~FollowerStore() = default;
  virtual std::int64_t position(const std::string& follower) const = 0;  ///< 0 at first
  virtual void advance(const std::string& follower, std::int64_t sequence) = 0;
  virtual void restart(const std::string& follower) = 0;  ///< reads from the beginning again
};

/// The stores over the database that Archive::open created in the same data folder.
struct WorkStores {
  std::unique_ptr<JobStore> jobs;
  std::unique_ptr<DeliveryStore> deliveries;
  std::unique_ptr<FollowerStore> followers;
  std::unique_ptr<EventStore> events;
};
/// @param read_only   for `punctum jobs` beside a running node
/// @param now_utc_ms  the clock of leases and delays; empty: the system's. @throws StorageError
WorkStores open_work_stores(const std::filesystem::path& data_dir, bool read_only = false,
                            std::function<std::int64_t()> now_utc_ms = {});

}  // namespace punctum
