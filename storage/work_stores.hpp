#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

#include "storage/delivery_store.hpp"
#include "storage/event_store.hpp"
#include "storage/follower_store.hpp"
#include "storage/job_store.hpp"

namespace punctum {

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
