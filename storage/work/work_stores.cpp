#include "storage/index/database.hpp"
#include "storage/work/work_database.hpp"

namespace punctum {

WorkStores open_work_stores(const std::filesystem::path& data_dir, bool read_only,
                            std::function<std::int64_t()> now_utc_ms) {
  const auto access = read_only ? sqlite::Access::read_only : sqlite::Access::read_write;
  const UtcClock clock = now_utc_ms ? std::move(now_utc_ms) : UtcClock(utc_ms_now);
  const auto work = std::make_shared<WorkDatabase>(open_index(data_dir, access), clock);

  // A follower's position may be lost with the power: it then reads some changes again, and what it does with them has
  // no effect the second time. So its frequent little commits need not wait for the disk.
  auto follower_connection = open_index(data_dir, access);
  if (!read_only) follower_connection.execute("PRAGMA synchronous = NORMAL");
  const auto followers = std::make_shared<WorkDatabase>(std::move(follower_connection), clock);
  return {make_job_store(work), make_delivery_store(work), make_follower_store(followers), make_event_store(work)};
}

}  // namespace punctum
