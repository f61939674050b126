#include <algorithm>
#include <array>

#include "dicom/types/error.hpp"
#include "storage/work/work_database.hpp"

namespace punctum {

namespace {

constexpr std::array<std::string_view, 4> state_names{"waiting", "sending", "sent", "failed"};

DeliveryState delivery_state(std::string_view text) {
  const auto found = std::ranges::find(state_names, text);
  if (found == state_names.end()) throw StorageError("cannot read a delivery: its state is none of ours");
  return static_cast<DeliveryState>(found - state_names.begin());
}

constexpr std::string_view columns = "id, sop_instance_uid, peer, state, attempts, message, not_before_utc_ms";

Delivery delivery_of(const sqlite::Statement& row) {
  return {row.integer(0),
          Uid::require(row.text(1)),
          row.text(2),
          delivery_state(row.text(3)),
          static_cast<int>(row.integer(4)),
          row.text(5),
          row.integer(6)};
}

std::vector<Delivery> deliveries_of(sqlite::Statement& row) {
  std::vector<Delivery> all;
  while (row.step()) all.push_back(delivery_of(row));
  return all;
}

class SqliteDeliveryStore final : public DeliveryStore {
 public:
  explicit SqliteDeliveryStore(std::shared_ptr<WorkDatabase> database) : database_(std::move(database)) {}

  void add(const Uid& sop_instance_uid, const std::string& peer) override {
    database_->with([&](sqlite::Connection& connection) {
      connection
          .use(
              "INSERT INTO delivery (sop_instance_uid, peer, state) VALUES (?, ?, 'waiting') "
              "ON CONFLICT DO NOTHING")
          ->with(sop_instance_uid.str(), peer)
          .run();
    });
  }

  std::vector<Delivery> claim(const std::string& holder, const std::string& peer, std::size_t limit,
                              std::chrono::milliseconds lease) override {
    return database_->with([&](sqlite::Connection& connection) {
      if (due(connection, peer, 1).empty()) return std::vector<Delivery>();  // nobody's lock is taken for nothing
      sqlite::Transaction transaction(connection);
      auto claimed = due(connection, peer, limit);
      for (auto& delivery : claimed) {
        delivery.state = DeliveryState::sending;
        ++delivery.attempts;
        connection
            .use(
                "UPDATE delivery SET state = 'sending', attempts = attempts + 1, holder = ?, "
                "lease_until_utc_ms = ? WHERE id = ?")
            ->with(holder, database_->now() + lease.count(), delivery.id)
            .run();
      }
      transaction.commit();
      return claimed;
    });
  }

  void sent(std::int64_t id) override { settle(id, "sent", "", 0); }
  void failed(std::int64_t id, const std::string& why) override { settle(id, "failed", why, 0); }
  void retry(std::int64_t id, const std::string& why, std::chrono::milliseconds delay) override {
    settle(id, "waiting", why, database_->now() + delay.count());
  }

  std::vector<Delivery> list(std::size_t limit) const override {
    return database_->with([&](sqlite::Connection& connection) {
      auto row = connection.use("SELECT " + std::string(columns) + " FROM delivery ORDER BY id DESC LIMIT ?");
      return deliveries_of(row->with(limit));
    });
  }

 private:
  std::vector<Delivery> due(sqlite::Connection& connection, const std::string& peer, std::size_t limit) const {
    auto row = connection.use("SELECT " + std::string(columns) +
                              " FROM delivery WHERE peer = ?1 AND state IN ('waiting', 'sending') AND "
                              "((state = 'waiting' AND not_before_utc_ms <= ?2) OR "
                              "(state = 'sending' AND lease_until_utc_ms <= ?2)) ORDER BY id LIMIT ?3");
    return deliveries_of(row->with(peer, database_->now(), limit));
  }

  void settle(std::int64_t id, std::string_view state, const std::string& message, std::int64_t not_before) {
    database_->with([&](sqlite::Connection& connection) {
      connection
          .use(
              "UPDATE delivery SET state = ?, message = ?, not_before_utc_ms = ?, holder = '', "
              "lease_until_utc_ms = 0 WHERE id = ? AND state IN ('waiting', 'sending')")
          ->with(state, message, not_before, id)
          .run();
    });
  }

  std::shared_ptr<WorkDatabase> database_;
};

}  // namespace

std::string_view to_string(DeliveryState state) { return state_names.at(static_cast<std::size_t>(state)); }

std::unique_ptr<DeliveryStore> make_delivery_store(std::shared_ptr<WorkDatabase> database) {
  return std::make_unique<SqliteDeliveryStore>(std::move(database));
}

}  // namespace punctum
