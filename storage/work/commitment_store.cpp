#include "storage/commitment_store.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "dicom/types/error.hpp"
#include "storage/index/database.hpp"
#include "storage/work/work_database.hpp"

namespace punctum {

namespace {

constexpr std::array<std::string_view, 3> promise_states{"waiting", "answered", "given_up"};
constexpr std::array<std::string_view, 5> wish_states{"waiting", "asked", "committed", "refused", "given_up"};

constexpr std::int64_t settled_kept_ms = std::int64_t{30} * 24 * 3600 * 1000;  // for whoever asks what became of one

template <class State, std::size_t N>
State state_of(const std::array<std::string_view, N>& names, std::string_view text) {
  const auto found = std::ranges::find(names, text);
  if (found == names.end()) throw StorageError("cannot read a commitment: its state is none of ours");
  return static_cast<State>(found - names.begin());
}

std::string text_of(const std::vector<CommittedObject>& objects) {
  auto array = nlohmann::json::array();
  for (const auto& object : objects) {
    array.push_back({object.sop_class_uid.str(), object.sop_instance_uid.str(), object.failure_reason});
  }
  return array.dump();
}

std::vector<CommittedObject> objects_of(const std::string& text) {
  std::vector<CommittedObject> objects;
  for (const auto& one : nlohmann::json::parse(text)) {
    objects.push_back({Uid::require(one.at(0).get<std::string>()), Uid::require(one.at(1).get<std::string>()),
                       one.at(2).get<std::uint16_t>()});
  }
  return objects;
}

/// The objects it names, in whatever order.
std::set<std::pair<std::string, std::string>> names_of(const Commitment& commitment) {
  std::set<std::pair<std::string, std::string>> names;
  for (const auto& object : commitment.objects) {
    names.emplace(object.sop_class_uid.str(), object.sop_instance_uid.str());
  }
  return names;
}

std::string promise_sql(std::string_view rest) {
  return "SELECT id, peer, transaction_uid, objects, state, attempts, message FROM commitment_request " +
         std::string(rest);
}

Promise promise_of(const sqlite::Statement& row) {
  return {row.integer(0),
          row.text(1),
          {Uid::require(row.text(2)), objects_of(row.text(3))},
          state_of<PromiseState>(promise_states, row.text(4)),
          static_cast<int>(row.integer(5)),
          row.text(6)};
}

std::string wish_sql(std::string_view rest) {
  return "SELECT sop_class_uid, sop_instance_uid, peer, state, attempts, message FROM commitment_wish " +
         std::string(rest);
}

std::vector<Wish> wishes_of(sqlite::Statement& row) {
  std::vector<Wish> all;
  while (row.step()) {
    all.push_back({{Uid::require(row.text(0)), Uid::require(row.text(1))},
                   row.text(2),
                   state_of<WishState>(wish_states, row.text(3)),
                   static_cast<int>(row.integer(4)),
                   row.text(5)});
  }
  return all;
}

class SqliteCommitmentStore final : public CommitmentStore {
 public:
  SqliteCommitmentStore(sqlite::Connection connection, UtcClock now)
      : database_(std::move(connection), std::move(now)) {}

  void add(const std::string& peer, const Commitment& commitment) override {
    database_.with([&](sqlite::Connection& connection) {
      sqlite::Transaction transaction(connection);
      forget_settled(connection);
      refuse_other_objects(connection, peer, commitment);
      connection
          .use(
              "INSERT INTO commitment_request (peer, transaction_uid, objects, state, created_utc_ms, updated_utc_ms) "
              "VALUES (?1, ?2, ?3, 'waiting', ?4, ?4) ON CONFLICT (peer, transaction_uid) DO UPDATE SET objects = ?3, "
              "state = 'waiting', attempts = 0, not_before_utc_ms = 0, updated_utc_ms = ?4")
          ->with(peer, commitment.transaction_uid.str(), text_of(commitment.objects), database_.now())
          .run();
      transaction.commit();
    });
  }

  std::optional<Promise> due() const override {
    return one_promise("WHERE state = 'waiting' AND not_before_utc_ms <= ? ORDER BY not_before_utc_ms, id LIMIT 1",
                       database_.now());
  }
  std::optional<Promise> find(const std::string& peer, const Uid& transaction_uid) const override {
    return one_promise("WHERE peer = ? AND transaction_uid = ?", peer, transaction_uid.str());
  }

  void answered(std::int64_t id) override {
    run("UPDATE commitment_request SET state = 'answered', message = '', not_before_utc_ms = 0, "
        "attempts = attempts + 1, updated_utc_ms = ? WHERE id = ?",
        database_.now(), id);
  }
  void give_up(std::int64_t id, const std::string& why) override {
    run("UPDATE commitment_request SET state = 'given_up', message = ?, attempts = attempts + 1, updated_utc_ms = ? "
        "WHERE id = ? AND state = 'waiting'",  // or it was answered meanwhile, on the association that asked
        why, database_.now(), id);
  }
  void retry(std::int64_t id, const std::string& why, std::chrono::milliseconds delay) override {
    run("UPDATE commitment_request SET message = ?, not_before_utc_ms = ?, attempts = attempts + 1, updated_utc_ms = ? "
        "WHERE id = ? AND state = 'waiting'",
        why, database_.now() + delay.count(), database_.now(), id);
  }

  std::vector<Promise> promises(std::size_t limit) const override {
    return database_.with([&](sqlite::Connection& connection) {
      auto row = connection.use(promise_sql("ORDER BY id DESC LIMIT ?"));
      std::vector<Promise> all;
      for (row->with(limit); row->step();) all.push_back(promise_of(*row));
      return all;
    });
  }

  void wish(const CommittedObject& object, const std::string& peer) override {
    run("INSERT INTO commitment_wish (sop_instance_uid, sop_class_uid, peer, state, updated_utc_ms) "
        "VALUES (?1, ?2, ?3, 'waiting', ?4) ON CONFLICT (sop_instance_uid, peer) DO UPDATE SET state = 'waiting', "
        "not_before_utc_ms = 0, updated_utc_ms = ?4 WHERE state != 'committed'",
        object.sop_instance_uid.str(), object.sop_class_uid.str(), peer, database_.now());
  }

  std::vector<Wish> due_wishes(const std::string& peer, std::size_t limit) const override {
    return database_.with([&](sqlite::Connection& connection) {
      auto row = connection.use(wish_sql(
          "WHERE peer = ? AND state IN ('waiting', 'asked') AND not_before_utc_ms <= ? ORDER BY not_before_utc_ms "
          "LIMIT ?"));
      return wishes_of(row->with(peer, database_.now(), limit));
    });
  }

  void asked(const std::string& peer, const Commitment& commitment, std::chrono::milliseconds patience) override {
    database_.with([&](sqlite::Connection& connection) {
      sqlite::Transaction transaction(connection);
      for (const auto& object : commitment.objects) {
        connection
            .use(
                "UPDATE commitment_wish SET transaction_uid = ?, state = 'asked', attempts = attempts + 1, "
                "not_before_utc_ms = ?, updated_utc_ms = ? WHERE sop_instance_uid = ? AND peer = ?")
            ->with(commitment.transaction_uid.str(), database_.now() + patience.count(), database_.now(),
                   object.sop_instance_uid.str(), peer)
            .run();
      }
      transaction.commit();
    });
  }

  std::size_t not_asked(const Uid& transaction_uid, const std::string& why, std::chrono::milliseconds delay,
                        int most_attempts) override {
    return database_.with([&](sqlite::Connection& connection) {
      sqlite::Transaction transaction(connection);
      connection
          .use(
              "UPDATE commitment_wish SET state = 'given_up', message = ? "
              "WHERE transaction_uid = ? AND state = 'asked' AND attempts >= ?")
          ->with(why, transaction_uid.str(), most_attempts)
          .run();
      const auto given_up = static_cast<std::size_t>(connection.changed_rows());
      connection
          .use(
              "UPDATE commitment_wish SET state = 'waiting', message = ?, not_before_utc_ms = ? "
              "WHERE transaction_uid = ? AND state = 'asked'")
          ->with(why, database_.now() + delay.count(), transaction_uid.str())
          .run();
      transaction.commit();
      return given_up;
    });
  }
  void give_up_wishes(const Uid& transaction_uid, const std::string& why) override {
    run("UPDATE commitment_wish SET state = 'given_up', message = ? WHERE transaction_uid = ? AND state = 'asked'", why,
        transaction_uid.str());
  }

  bool settle(const std::string& peer, const Commitment& report, int deliveries) override {
    return database_.with([&](sqlite::Connection& connection) {
      sqlite::Transaction transaction(connection);
      if (!was_asked(connection, peer, report.transaction_uid)) return false;
      for (const auto& object : report.objects)
        settle_wish(connection, peer, report.transaction_uid, object, deliveries);
      transaction.commit();
      return true;
    });
  }

  std::vector<Wish> wishes(std::size_t limit) const override {
    return database_.with([&](sqlite::Connection& connection) {
      auto row = connection.use(wish_sql("ORDER BY updated_utc_ms DESC, rowid DESC LIMIT ?"));
      return wishes_of(row->with(limit));
    });
  }

 private:
  /// A few of the oldest, at every new one: nobody waits for a walk through all of them.
  void forget_settled(sqlite::Connection& connection) const {
    connection
        .use(
            "DELETE FROM commitment_request WHERE id IN (SELECT id FROM commitment_request ORDER BY id LIMIT 8) "
            "AND state != 'waiting' AND updated_utc_ms < ?")
        ->with(database_.now() - settled_kept_ms)
        .run();
  }

  static void refuse_other_objects(sqlite::Connection& connection, const std::string& peer,
                                   const Commitment& commitment) {
    static const std::string sql = promise_sql("WHERE peer = ? AND transaction_uid = ? AND state = 'waiting'");
    auto row = connection.use(sql);
    if (!row->with(peer, commitment.transaction_uid.str()).step()) return;
    if (names_of(promise_of(*row).commitment) == names_of(commitment)) return;
    throw DicomError("the transaction UID is in use for other objects");
  }

  template <class... Values>
  void run(std::string_view sql, const Values&... values) {
    database_.with([&](sqlite::Connection& connection) { connection.use(sql)->with(values...).run(); });
  }

  template <class... Values>
  std::optional<Promise> one_promise(std::string_view rest, const Values&... values) const {
    return database_.with([&](sqlite::Connection& connection) -> std::optional<Promise> {
      auto row = connection.use(promise_sql(rest));
      return row->with(values...).step() ? std::optional(promise_of(*row)) : std::nullopt;
    });
  }

  static bool was_asked(sqlite::Connection& connection, const std::string& peer, const Uid& transaction_uid) {
    auto row = connection.use("SELECT 1 FROM commitment_wish WHERE transaction_uid = ? AND peer = ? LIMIT 1");
    return row->with(transaction_uid.str(), peer).step();
  }

  void settle_wish(sqlite::Connection& connection, const std::string& peer, const Uid& transaction_uid,
                   const CommittedObject& object, int deliveries) {
    const bool kept = object.failure_reason == commitment_failure::none;
    connection
        .use(
            "UPDATE commitment_wish SET state = ?, message = ?, updated_utc_ms = ? WHERE sop_instance_uid = ? AND "
            "peer = ? AND transaction_uid = ? AND state != 'committed'")
        ->with(kept ? "committed" : "refused",
               kept ? std::string() : "the peer does not keep it, reason " + std::to_string(object.failure_reason),
               database_.now(), object.sop_instance_uid.str(), peer, transaction_uid.str())
        .run();
    if (kept || connection.changed_rows() == 0) return;
    // Sent once more; that delivery wishes anew.
    connection
        .use(
            "UPDATE delivery SET state = 'waiting', attempts = 0, not_before_utc_ms = 0 WHERE sop_instance_uid = ?1 "
            "AND peer = ?2 AND state = 'sent' AND (SELECT redeliveries FROM commitment_wish WHERE sop_instance_uid = "
            "?1 AND peer = ?2) < ?3")
        ->with(object.sop_instance_uid.str(), peer, deliveries)
        .run();
    if (connection.changed_rows() == 0) return;
    connection
        .use("UPDATE commitment_wish SET redeliveries = redeliveries + 1 WHERE sop_instance_uid = ? AND peer = ?")
        ->with(object.sop_instance_uid.str(), peer)
        .run();
  }

  mutable WorkDatabase database_;
};

}  // namespace

std::string_view to_string(PromiseState state) { return promise_states.at(static_cast<std::size_t>(state)); }
std::string_view to_string(WishState state) { return wish_states.at(static_cast<std::size_t>(state)); }

std::unique_ptr<CommitmentStore> open_commitment_store(const std::filesystem::path& data_dir, bool read_only,
                                                       std::function<std::int64_t()> now_utc_ms) {
  const auto access = read_only ? sqlite::Access::read_only : sqlite::Access::read_write;
  return std::make_unique<SqliteCommitmentStore>(open_index(data_dir, access),
                                                 now_utc_ms ? std::move(now_utc_ms) : UtcClock(utc_ms_now));
}

}  // namespace punctum
