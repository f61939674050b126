#include "storage/index/index_reader.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>

#include "storage/index/candidates.hpp"
#include "storage/index/columns.hpp"
#include "storage/index/query_sql.hpp"

namespace punctum {

namespace {

// Then the connection goes back, however slowly the rows are taken. The first rows shall not wait for many others.
constexpr std::size_t rows_in_the_first_turn = 32, rows_a_turn = 500;

// The instance's own columns first, then the keys of all levels in the order of all_columns().
std::string stored_instances_sql(std::string_view where) {
  std::string sql =
      "SELECT instance.id, blob, file_size, dataset_offset, dataset_digest, transfer_syntax_uid, produced, "
      "source_ae_title, stored_utc_ms, differing, damaged";
  for (const auto& column : all_columns()) {
    sql += ", " + std::string(table_for(*column.key, QueryLevel::instance)) + "." + column.name;
  }
  return sql + " FROM " + joined(QueryLevel::instance) + " WHERE file_missing = 0 AND " + std::string(where);
}

void apply_differences(const std::string& json, InstanceRecord& record) {
  const auto differing = nlohmann::json::parse(json);
  for (const auto& [keyword, value] : differing.items()) {
    if (value.is_null()) {
      record.attributes.erase(keyword);
    } else {
      record.attributes[keyword] = value.get<std::string>();
    }
  }
}

StoredInstance stored_instance(const sqlite::Statement& row) {
  constexpr int first_key = 11;
  std::map<std::string, std::string, std::less<>> attributes;
  int index = first_key;
  for (const auto& column : all_columns()) {
    if (auto value = row.optional_text(index++)) attributes.emplace(column.key->keyword, std::move(*value));
  }
  const auto uid = [&](const char* keyword) { return Uid::require(attributes.at(keyword)); };
  SopInstance name{uid("StudyInstanceUID"), uid("SeriesInstanceUID"), uid("SOPInstanceUID"), uid("SOPClassUID")};
  StoredInstance stored{{std::move(name), Uid::require(row.text(5)), Digest{row.text(4)},
                         static_cast<std::uint64_t>(row.integer(3)), static_cast<std::uint64_t>(row.integer(2)),
                         row.integer(6) != 0 ? Origin::produced : Origin::received, row.text(7), std::move(attributes)},
                        row.text(1),
                        row.integer(0),
                        row.integer(8),
                        row.integer(10) != 0};
  if (const auto differing = row.optional_text(9)) apply_differences(*differing, stored.record);
  return stored;
}

QueryRow query_row(const sqlite::Statement& row, const std::vector<std::string>& keywords) {
  QueryRow values;
  int index = 0;
  for (const auto& keyword : keywords) {
    if (auto value = row.optional_text(index++)) values.emplace(keyword, std::move(*value));
  }
  return values;
}

std::vector<QueryRow> visible_rows(sqlite::Connection& connection, const RowStatement& reading,
                                   const std::vector<std::int64_t>& ids) {
  auto statement = connection.prepare(reading.sql);
  std::vector<QueryRow> rows;
  rows.reserve(ids.size());
  for (const auto id : ids) {
    if (statement.with(id).step()) rows.push_back(query_row(statement, reading.keywords));
    statement.reset();
  }
  return rows;
}

/// The visible rows of the next ids, at most so many; nothing when that was all, or nobody wants more.
std::optional<std::vector<QueryRow>> next_rows(ReaderPool& pool, Candidates& candidates, const RowStatement& reading,
                                               std::size_t most, const Interruption& interruption) {
  std::vector<std::int64_t> ids;  // once found they are kept over an interruption
  for (;;) {
    try {
      return pool.read([&](sqlite::Connection& connection) -> std::optional<std::vector<QueryRow>> {
        const sqlite::Watch watch(connection, interruption.disturbed);
        if (ids.empty()) ids = candidates.next(connection, most);
        if (ids.empty()) return std::nullopt;
        return visible_rows(connection, reading, ids);
      });
    } catch (const sqlite::Interrupted&) {  // the connection is back: nobody else waits for what this peer says
      if (!interruption.goes_on || !interruption.goes_on()) return std::nullopt;
    }
  }
}

}  // namespace

std::optional<StoredInstance> IndexReader::instance(const Uid& sop_instance_uid) {
  return pool_.read([&](sqlite::Connection& connection) -> std::optional<StoredInstance> {
    static const std::string sql = stored_instances_sql("sop_instance_uid = ?");
    auto row = connection.use(sql);
    if (!row->with(sop_instance_uid.str()).step()) return std::nullopt;
    return stored_instance(*row);
  });
}

std::vector<StoredInstance> IndexReader::series(const Uid& series_instance_uid) {
  return pool_.read([&](sqlite::Connection& connection) {
    static const std::string sql = stored_instances_sql("series_instance_uid = ? ORDER BY instance.id");
    auto row = connection.use(sql);
    std::vector<StoredInstance> found;
    row->with(series_instance_uid.str());
    while (row->step()) found.push_back(stored_instance(*row));
    return found;
  });
}

std::vector<StoredInstance> IndexReader::select(QueryLevel level, const std::vector<Match>& unique_keys) {
  constexpr std::array<std::string_view, 4> unique{"PatientID", "StudyInstanceUID", "SeriesInstanceUID",
                                                   "SOPInstanceUID"};
  const auto named = std::ranges::find(unique_keys, unique.at(static_cast<std::size_t>(level)), &Match::keyword);
  if (named == unique_keys.end() || !condition(*column_of(named->keyword), "t", named->pattern)) return {};

  Query query;
  query.level = QueryLevel::instance;
  query.matches = unique_keys;
  return pool_.read([&](sqlite::Connection& connection) {
    static const std::string sql = stored_instances_sql("instance.id = ?");
    std::vector<StoredInstance> found;
    Candidates candidates(query);
    for (const auto id : candidates.next(connection, std::numeric_limits<std::size_t>::max())) {
      auto row = connection.use(sql);
      if (!row->with(id).step()) continue;
      found.push_back(stored_instance(*row));
      found.back().record.attributes.clear();  // of a hundred thousand, they would take a gigabyte
    }
    return found;
  });
}

void IndexReader::query(const Query& query, const std::function<bool(const QueryRow&)>& emit,
                        const Interruption& interruption) {
  const RowStatement reading = row_statement(query);
  Candidates candidates(query);
  const std::size_t most = query.limit == 0 ? std::numeric_limits<std::size_t>::max() : query.limit;
  std::size_t emitted = 0;
  for (std::size_t turn = rows_in_the_first_turn; emitted < most; turn = rows_a_turn) {
    const auto rows = next_rows(pool_, candidates, reading, std::min(turn, most - emitted), interruption);
    if (!rows) return;
    for (const auto& row : *rows) {
      if (!emit(row)) return;
    }
    emitted += rows->size();
  }
}

std::vector<Change> IndexReader::changes_after(std::int64_t sequence, std::size_t limit) {
  return pool_.read([&](sqlite::Connection& connection) {
    auto row = connection.use(
        "SELECT instance.id, study_instance_uid, series_instance_uid, sop_instance_uid, sop_class_uid, produced "
        "FROM instance JOIN series ON series.id = instance.series JOIN study ON study.id = series.study "
        "WHERE instance.id > ? AND file_missing = 0 ORDER BY instance.id LIMIT ?");
    row->with(sequence, limit);
    std::vector<Change> changes;
    while (row->step()) {
      changes.push_back({row->integer(0),
                         {Uid::require(row->text(1)), Uid::require(row->text(2)), Uid::require(row->text(3)),
                          Uid::require(row->text(4))},
                         row->integer(5) != 0 ? Origin::produced : Origin::received});
    }
    return changes;
  });
}

std::int64_t IndexReader::last_sequence() {
  return pool_.read([](sqlite::Connection& connection) -> std::int64_t {
    auto row = connection.use("SELECT seq FROM sqlite_sequence WHERE name = 'instance'");  // arrivals and removals
    return row->step() ? row->integer(0) : 0;
  });
}

std::int64_t IndexReader::last_arrival_utc_ms(const Uid& series_instance_uid) {
  return pool_.read([&](sqlite::Connection& connection) -> std::int64_t {
    auto row = connection.use(
        "SELECT stored_utc_ms FROM instance WHERE id = (SELECT max(instance.id) FROM series JOIN instance "
        "ON instance.series = series.id WHERE series_instance_uid = ?)");
    return row->with(series_instance_uid.str()).step() ? row->integer(0) : 0;
  });
}

}  // namespace punctum
