#include "storage/job_store.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "dicom/types/error.hpp"
#include "storage/work/work_database.hpp"

namespace punctum {

namespace {

constexpr std::array<std::string_view, 5> state_names{"waiting", "running", "delivered", "refused", "failed"};

JobState job_state(std::string_view text) {
  const auto found = std::ranges::find(state_names, text);
  if (found == state_names.end()) throw StorageError("cannot read a job: its state is none of ours");
  return static_cast<JobState>(found - state_names.begin());
}

std::string select(std::string_view rest) {
  return "SELECT id, gsps_uid, series_uid, tracking_uid, state, round, attempts, message, seg_uid, sr_uid, stage_ms, "
         "created_utc_ms, updated_utc_ms FROM job " +
         std::string(rest);
}

Job job_of(const sqlite::Statement& row) {
  return {row.integer(0),
          Uid::require(row.text(1)),
          row.text(2),
          row.text(3),
          job_state(row.text(4)),
          static_cast<int>(row.integer(5)),
          static_cast<int>(row.integer(6)),
          row.text(7),
          row.text(8),
          row.text(9),
          nlohmann::json::parse(row.text(10)).get<std::map<std::string, double>>(),
          row.integer(11),
          row.integer(12)};
}

std::vector<Job> jobs_of(sqlite::Statement& row) {
  std::vector<Job> jobs;
  while (row.step()) jobs.push_back(job_of(row));
  return jobs;
}

class SqliteJobStore final : public JobStore {
 public:
  explicit SqliteJobStore(std::shared_ptr<WorkDatabase> database) : database_(std::move(database)) {}

  std::optional<Job> add(const Job& job) override {
    return database_->with([&](sqlite::Connection& connection) -> std::optional<Job> {
      sqlite::Transaction transaction(connection);
      const std::int64_t now = database_->now();
      connection
          .use(
              "INSERT INTO job (gsps_uid, series_uid, tracking_uid, state, round, message, stage_ms, created_utc_ms, "
              "updated_utc_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8) ON CONFLICT DO NOTHING")
          ->with(job.gsps_uid.str(), job.series_uid, job.tracking_uid, to_string(job.state), job.round, job.message,
                 nlohmann::json(job.stage_ms).dump(), now)
          .run();
      if (connection.changed_rows() == 0) return std::nullopt;
      auto added = by_id(connection, connection.last_insert_id());
      transaction.commit();
      return added;
    });
  }

  std::optional<Job> claim(const std::string& holder, std::chrono::milliseconds lease) override {
    return database_->with([&](sqlite::Connection& connection) -> std::optional<Job> {
      if (!next_due(connection)) return std::nullopt;  // asked often: nobody's lock is taken for nothing
      sqlite::Transaction transaction(connection);
      const auto id = next_due(connection);
      if (!id) return std::nullopt;
      const std::int64_t now = database_->now();
      connection
          .use(
              "UPDATE job SET state = 'running', attempts = attempts + 1, holder = ?, lease_until_utc_ms = ?, "
              "updated_utc_ms = ? WHERE id = ?")
          ->with(holder, now + lease.count(), now, *id)
          .run();
      auto claimed = by_id(connection, *id);
      transaction.commit();
      return claimed;
    });
  }

  void postpone(std::int64_t id, const std::string& reason, std::chrono::milliseconds delay) override {
    put_back(id, reason, delay, 1);
  }

  void retry(std::int64_t id, const std::string& reason, std::chrono::milliseconds delay) override {
    put_back(id, reason, delay, 0);
  }

  void finish(const Job& job) override {
    database_->with([&](sqlite::Connection& connection) {
      connection
          .use(
              "UPDATE job SET state = ?, message = ?, round = ?, seg_uid = ?, sr_uid = ?, stage_ms = ?, "
              "updated_utc_ms = ?, holder = '', lease_until_utc_ms = 0 WHERE id = ? AND state IN ('waiting', "
              "'running')")
          ->with(to_string(job.state), job.message, job.round, job.seg_uid, job.sr_uid,
                 nlohmann::json(job.stage_ms).dump(), database_->now(), job.id)
          .run();
    });
  }

  std::vector<Job> list(std::size_t limit) const override {
    return database_->with([&](sqlite::Connection& connection) {
      static const std::string sql = select("ORDER BY id DESC LIMIT ?");
      auto row = connection.use(sql);
      return jobs_of(row->with(limit));
    });
  }

  std::vector<Job> rounds(const std::string& series_uid, const std::string& tracking_uid) const override {
    return database_->with([&](sqlite::Connection& connection) {
      static const std::string sql =
          select("WHERE series_uid = ? AND tracking_uid = ? AND state = 'delivered' ORDER BY round, id");
      auto row = connection.use(sql);
      return jobs_of(row->with(series_uid, tracking_uid));
    });
  }

 private:
  void put_back(std::int64_t id, const std::string& reason, std::chrono::milliseconds delay, int uncounted_attempts) {
    database_->with([&](sqlite::Connection& connection) {
      const std::int64_t now = database_->now();
      connection
          .use(
              "UPDATE job SET state = 'waiting', attempts = attempts - ?, message = ?, not_before_utc_ms = ?, "
              "updated_utc_ms = ?, holder = '', lease_until_utc_ms = 0 WHERE id = ? AND state = 'running'")
          ->with(uncounted_attempts, reason, now + delay.count(), now, id)
          .run();
    });
  }

  static std::optional<Job> by_id(sqlite::Connection& connection, std::int64_t id) {
    static const std::string sql = select("WHERE id = ?");
    auto row = connection.use(sql);
    if (!row->with(id).step()) return std::nullopt;
    return job_of(*row);
  }

  // A job waits for every older open job of its lesion, postponed and running ones too: rounds build on each other.
  std::optional<std::int64_t> next_due(sqlite::Connection& connection) const {
    auto row = connection.use(
        "SELECT id FROM job WHERE state IN ('waiting', 'running') AND "
        "((state = 'waiting' AND not_before_utc_ms <= ?1) OR (state = 'running' AND lease_until_utc_ms <= ?1)) AND "
        "(tracking_uid = '' OR NOT EXISTS (SELECT 1 FROM job AS older WHERE older.series_uid = job.series_uid AND "
        "older.tracking_uid = job.tracking_uid AND older.state IN ('waiting', 'running') AND older.id < job.id)) "
        "ORDER BY id LIMIT 1");
    if (!row->with(database_->now()).step()) return std::nullopt;
    return row->integer(0);
  }

  std::shared_ptr<WorkDatabase> database_;
};

}  // namespace

std::string_view to_string(JobState state) { return state_names.at(static_cast<std::size_t>(state)); }

std::unique_ptr<JobStore> make_job_store(std::shared_ptr<WorkDatabase> database) {
  return std::make_unique<SqliteJobStore>(std::move(database));
}

}  // namespace punctum
