#include "storage/upkeep/deletion.hpp"

#include "storage/index/event_rows.hpp"

namespace punctum {

namespace {

constexpr std::string_view of_study =
    "instance JOIN series ON series.id = instance.series JOIN study ON study.id = series.study "
    "WHERE study_instance_uid = ?1";

std::int64_t number(sqlite::Connection& connection, const std::string& sql, const std::string& study) {
  auto row = connection.use(sql);
  return row->with(study).step() ? row->integer(0) : 0;
}

std::string within(std::string_view begin, std::string_view end) {
  return std::string(begin) + std::string(of_study) + std::string(end);
}

/// Followers have seen the last instance of the study, or there is still something to be made or sent of it.
std::string unseen_by(sqlite::Connection& connection, const std::string& study, const DeletionRule& rule) {
  static const std::string last_sql = within("SELECT coalesce(max(instance.id), 0) FROM ", " AND file_missing = 0");
  const auto last = number(connection, last_sql, study);
  for (const auto& follower : rule.followers) {
    auto row = connection.use("SELECT sequence FROM follower WHERE name = ?");
    const auto position = row->with(follower).step() ? row->integer(0) : 0;
    if (position < last) return "\"" + follower + "\" has not looked at all of it yet";
  }
  return {};
}

std::string undelivered(sqlite::Connection& connection, const std::string& study) {
  static const std::string deliveries = within(
      "SELECT count(*) FROM delivery WHERE state <> 'sent' AND sop_instance_uid IN (SELECT sop_instance_uid FROM ",
      ")");
  if (const auto open = number(connection, deliveries, study); open > 0) {
    return std::to_string(open) + " deliveries of it have not arrived";
  }
  static const std::string wishes = within(
      "SELECT count(*) FROM commitment_wish WHERE state <> 'committed' AND sop_instance_uid IN (SELECT "
      "sop_instance_uid FROM ",
      ")");
  // Also what it refuses to keep, or never answered about: then this is the only copy.
  if (const auto open = number(connection, wishes, study); open > 0) {
    return "a peer has not confirmed that it keeps " + std::to_string(open) + " objects of it";
  }
  static const std::string jobs = within(
      "SELECT count(*) FROM job WHERE state IN ('waiting', 'running') AND (gsps_uid IN (SELECT sop_instance_uid "
      "FROM ",
      ") OR series_uid IN (SELECT series_instance_uid FROM series JOIN study ON study.id = series.study WHERE "
      "study_instance_uid = ?1))");
  if (const auto open = number(connection, jobs, study); open > 0) {
    return std::to_string(open) + " jobs on it are not done";
  }
  return {};
}

std::string not_quiet(sqlite::Connection& connection, const std::string& study, const DeletionRule& rule) {
  if (!rule.quiet_since_utc_ms) return {};
  static const std::string sql = within("SELECT max(max(stored_utc_ms, confirmed_utc_ms)) FROM ", "");
  return number(connection, sql, study) > *rule.quiet_since_utc_ms ? "it was sent meanwhile" : "";
}

std::string why_held(sqlite::Connection& connection, const std::string& study, const DeletionRule& rule) {
  if (auto why = not_quiet(connection, study, rule); !why.empty()) return why;
  if (rule.even_undelivered) return {};
  if (auto why = unseen_by(connection, study, rule); !why.empty()) return why;
  return undelivered(connection, study);
}

/// Each removal draws its number from the row that numbers the instances.
std::size_t record_removals(sqlite::Connection& connection, const std::string& study, const DeletionRule& rule,
                            std::int64_t now) {
  static const std::string insert = within(
      "INSERT INTO removal SELECT (SELECT seq FROM sqlite_sequence WHERE name = 'instance') + row_number() OVER (ORDER "
      "BY "
      "instance.id), study_instance_uid, series_instance_uid, sop_instance_uid, dataset_digest, ?2, ?3 FROM ",
      "");
  connection.use(insert)->with(study, rule.reason, now).run();
  const auto removed = connection.changed_rows();
  connection.use("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'instance'")->with(removed).run();
  return static_cast<std::size_t>(removed);
}

void remove_work(sqlite::Connection& connection, const std::string& study) {
  // Sent again, it is new: its click is asked for again and its results are delivered again.
  static const std::string deliveries =
      within("DELETE FROM delivery WHERE sop_instance_uid IN (SELECT sop_instance_uid FROM ", ")");
  static const std::string wishes =
      within("DELETE FROM commitment_wish WHERE sop_instance_uid IN (SELECT sop_instance_uid FROM ", ")");
  static const std::string jobs =
      within("DELETE FROM job WHERE gsps_uid IN (SELECT sop_instance_uid FROM ",
             ") OR series_uid IN (SELECT series_instance_uid FROM series JOIN study ON study.id = series.study WHERE "
             "study_instance_uid = ?1)");
  for (const auto& sql : {deliveries, wishes, jobs}) connection.use(sql)->with(study).run();
}

void remove_rows(sqlite::Connection& connection, const std::string& study) {
  static const std::string blobs = within("INSERT OR IGNORE INTO discarded_blob SELECT blob FROM ", "");
  static const std::string instances = within("DELETE FROM instance WHERE id IN (SELECT instance.id FROM ", ")");
  connection.use(blobs)->with(study).run();
  connection.use(instances)->with(study).run();
  auto patient_of = connection.use("SELECT patient FROM study WHERE study_instance_uid = ?");
  patient_of->with(study).step();
  const auto patient = patient_of->integer(0);
  patient_of->reset();
  connection.use("DELETE FROM series WHERE study = (SELECT id FROM study WHERE study_instance_uid = ?)")
      ->with(study)
      .run();
  connection.use("DELETE FROM study WHERE study_instance_uid = ?")->with(study).run();
  connection.use("DELETE FROM patient WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM study WHERE patient = ?1)")
      ->with(patient)
      .run();
}

}  // namespace

Deletion delete_study_rows(sqlite::Connection& connection, const Uid& study_instance_uid, const DeletionRule& rule,
                           std::int64_t now_utc_ms) {
  const std::string& study = study_instance_uid.str();
  sqlite::Transaction transaction(connection);
  if (number(connection, "SELECT count(*) FROM study WHERE study_instance_uid = ?", study) == 0) return {};
  if (auto why = why_held(connection, study, rule); !why.empty()) {
    return {Deletion::Outcome::held, 0, std::move(why)};
  }
  const auto removed = record_removals(connection, study, rule, now_utc_ms);
  remove_work(connection, study);
  remove_rows(connection, study);
  add_event(connection,
            {.kind = std::string(event_kind::study_deleted),
             .study_instance_uid = study,
             .detail = std::to_string(removed) + " instances; reason: " + rule.reason},
            now_utc_ms);
  transaction.commit();
  return {Deletion::Outcome::deleted, removed, {}};
}

}  // namespace punctum
