#include "storage/index/event_rows.hpp"

namespace punctum {

namespace {

constexpr std::int64_t most_events = 50'000;
constexpr std::size_t longest_detail = 500;  // a foreign text may be in it

}  // namespace

void add_event(sqlite::Connection& connection, const Event& event, std::int64_t utc_ms) {
  connection
      .use(
          "INSERT INTO event (kind, sop_instance_uid, study_instance_uid, source_ae_title, detail, first_utc_ms, "
          "last_utc_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6) ON CONFLICT (kind, sop_instance_uid, study_instance_uid, "
          "source_ae_title, detail) DO UPDATE SET times = times + 1, last_utc_ms = ?6")
      ->with(event.kind, event.sop_instance_uid, event.study_instance_uid, event.source_ae_title,
             event.detail.substr(0, longest_detail), utc_ms)
      .run();
  if (connection.last_insert_id() % 1000 != 0) return;
  connection.use("DELETE FROM event WHERE id <= (SELECT id FROM event ORDER BY id DESC LIMIT 1 OFFSET ?)")
      ->with(most_events)
      .run();
}

std::vector<Event> newest_events(sqlite::Connection& connection, std::size_t limit) {
  auto row = connection.use(
      "SELECT kind, sop_instance_uid, study_instance_uid, source_ae_title, detail, times, first_utc_ms, last_utc_ms "
      "FROM event ORDER BY last_utc_ms DESC, id DESC LIMIT ?");
  row->with(limit);
  std::vector<Event> events;
  while (row->step()) {
    events.push_back({row->text(0), row->text(1), row->text(2), row->text(3), row->text(4), row->integer(5),
                      row->integer(6), row->integer(7)});
  }
  return events;
}

}  // namespace punctum
