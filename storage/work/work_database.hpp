#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "storage/sqlite/connection.hpp"
#include "storage/work_stores.hpp"

namespace punctum {

using UtcClock = std::function<std::int64_t()>;

/// The connection that jobs and deliveries share, apart from the archive's: a job's commit never sits in an ingest's
/// transaction, and the two wait for each other's lock for less than a millisecond. Any thread, one at a time.
class WorkDatabase {
 public:
  WorkDatabase(sqlite::Connection connection, UtcClock now)
      : connection_(std::move(connection)), now_(std::move(now)) {}

  template <class Function>
  auto with(Function&& function) {
    const std::lock_guard lock(mutex_);
    return function(connection_);
  }
  std::int64_t now() const { return now_(); }

 private:
  std::mutex mutex_;
  sqlite::Connection connection_;
  UtcClock now_;
};

std::unique_ptr<JobStore> make_job_store(std::shared_ptr<WorkDatabase> database);
std::unique_ptr<DeliveryStore> make_delivery_store(std::shared_ptr<WorkDatabase> database);
std::unique_ptr<EventStore> make_event_store(std::shared_ptr<WorkDatabase> database);
std::unique_ptr<FollowerStore> make_follower_store(std::shared_ptr<WorkDatabase> database);

}  // namespace punctum
