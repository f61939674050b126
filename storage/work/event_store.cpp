#include "storage/event_store.hpp"

#include "storage/index/event_rows.hpp"
#include "storage/work/work_database.hpp"

namespace punctum {

namespace {

class SqliteEventStore final : public EventStore {
 public:
  explicit SqliteEventStore(std::shared_ptr<WorkDatabase> database) : database_(std::move(database)) {}

  void add(const Event& event) override {
    database_->with([&](sqlite::Connection& connection) { add_event(connection, event, database_->now()); });
  }
  std::vector<Event> list(std::size_t limit) const override {
    return database_->with([&](sqlite::Connection& connection) { return newest_events(connection, limit); });
  }

 private:
  std::shared_ptr<WorkDatabase> database_;
};

}  // namespace

std::unique_ptr<EventStore> make_event_store(std::shared_ptr<WorkDatabase> database) {
  return std::make_unique<SqliteEventStore>(std::move(database));
}

}  // namespace punctum
