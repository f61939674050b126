#include "storage/index/query_sql.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "storage/index/holdings.hpp"
#include "storage/index/moments.hpp"
#include "storage/index/narrowing.hpp"

namespace punctum {

namespace {

/// What a query asks, as SQL: one text a level, terms joined by AND.
struct Conditions {
  std::map<QueryLevel, SqlText> by_level;
  QueryLevel highest;         ///< table to be joined with that of the level asked for
  bool an_index_finds_below;  ///< the rows below that match, if any key asks for some
};

std::string visible(std::string_view table) {
  return std::string(table) + (table == "instance" ? ".file_missing = 0" : ".instance_count > 0");
}

QueryLevel table_level(const QueryKeyDefinition& key, QueryLevel asked) {
  return key.level == QueryLevel::patient && asked != QueryLevel::patient ? QueryLevel::study : key.level;
}

/// A key of the rows asked for, or of those above, leaves few of them.
bool few_rows(const Query& query) {
  return std::ranges::any_of(query.matches, [&](const Match& match) {
    const auto* key = query_key(match.keyword);
    return key != nullptr && key->level <= query.level && reach_of(match) == Reach::few_by_index;
  });
}

std::string computed_expression(const QueryKeyDefinition& key, QueryLevel asked) {
  if (key.keyword == "ModalitiesInStudy") return modalities_of_study();
  if (key.keyword == "SOPClassesInStudy") return sop_classes_of_study();
  if (key.keyword == "AvailableTransferSyntaxUID") return "instance.transfer_syntax_uid";
  const std::string count = key.keyword.ends_with("Studies")  ? "study_count"
                            : key.keyword.ends_with("Series") ? "series_count"
                                                              : "instance_count";
  if (key.level == QueryLevel::patient && asked != QueryLevel::patient) {
    return "(SELECT patient." + count + " FROM patient WHERE patient.id = study.patient)";
  }
  return std::string(table_name(key.level)) + "." + count;
}

/// What yields a key's value in rows of `asked`.
std::string expression_of(const QueryKeyDefinition& key, QueryLevel asked) {
  if (key.computed) return computed_expression(key, asked);
  return std::string(table_for(key, asked)) + "." + column_of(key.keyword)->name;
}

std::optional<SqlText> condition_of(const Match& match, QueryLevel asked, OpenedBy side) {
  const auto* key = query_key(match.keyword);
  if (key == nullptr) return std::nullopt;  // PS3.4 C.4.1.3: what is not supported matches universally
  if (match.is_empty && key->kind != KeyKind::sequence) return has_no_value(expression_of(*key, asked));
  if (key->computed) return holds(match, side);
  if (key->kind == KeyKind::sequence) return has_item(match, table_for(*key, asked), side);
  if (key->keyword == "SOPClassUID") return is_of_class(match, side);
  return condition(*column_of(key->keyword), table_for(*key, asked), match.pattern);
}

Conditions conditions_of(const Query& query) {
  Conditions conditions{{}, query.level, false};
  const auto side = few_rows(query) ? OpenedBy::rows : OpenedBy::index;
  const auto add = [&](const Match& match, const SqlText& sql) {
    const auto& key = *query_key(match.keyword);
    const bool study_wide = key.computed && query.level == QueryLevel::patient;
    const auto level = study_wide ? QueryLevel::study : std::max(key.level, query.level);
    auto& all = conditions.by_level[level];
    if (!all.text.empty()) all += " AND ";
    all += sql;
    conditions.highest = std::min(conditions.highest, table_level(key, query.level));
    const bool below = level > query.level && side == OpenedBy::index;
    if (below && reach_of(match) != Reach::all_rows) conditions.an_index_finds_below = true;
  };
  const auto moments = moments_in(query);
  for (const auto& moment : moments) add(*moment.date, moment.sql);
  for (const auto& match : query.matches) {
    if (is_part_of(moments, match)) continue;
    if (const auto sql = condition_of(match, query.level, side)) add(match, *sql);
  }
  return conditions;
}

// Keys below the level asked for: a row matches when something under it does. Either each row is asked whether it has
// something, or what an index finds says to which rows it belongs.
SqlText something_below(QueryLevel asked, const Conditions& conditions) {
  const auto first = static_cast<QueryLevel>(static_cast<int>(asked) + 1);
  const QueryLevel deepest = conditions.by_level.rbegin()->first;
  std::string from(table_name(first));
  for (int level = static_cast<int>(first) + 1; level <= static_cast<int>(deepest); ++level) {
    const std::string child(table_name(static_cast<QueryLevel>(level)));
    const std::string parent(table_name(static_cast<QueryLevel>(level - 1)));
    from += " JOIN " + child + " ON " + child + "." + parent + " = " + parent + ".id";
  }
  const std::string table(table_name(asked)), owner = std::string(table_name(first)) + "." + table;
  SqlText sql{conditions.an_index_finds_below
                  ? table + ".id IN (SELECT " + owner + " FROM " + from + " WHERE "
                  : "EXISTS (SELECT 1 FROM " + from + " WHERE " + owner + " = " + table + ".id AND ",
              {}};
  sql += visible(table_name(deepest));
  for (const auto& [level, condition] : conditions.by_level) {
    sql += " AND ";
    sql += condition;
  }
  sql += ")";
  return sql;
}

std::vector<std::string> keywords_of(const Query& query) {
  constexpr std::array<std::string_view, 4> unique{"PatientID", "StudyInstanceUID", "SeriesInstanceUID",
                                                   "SOPInstanceUID"};
  std::vector<std::string> keywords;
  const auto add = [&](std::string_view keyword) {
    const auto* key = query_key(keyword);
    const bool known = key != nullptr && key->level <= query.level;
    if (known && std::ranges::find(keywords, keyword) == keywords.end()) keywords.emplace_back(keyword);
  };
  for (std::size_t level = 0; level <= static_cast<std::size_t>(query.level); ++level) add(unique.at(level));
  for (const auto& keyword : query.returned) add(keyword);
  return keywords;
}

}  // namespace

std::string joined(QueryLevel level, QueryLevel highest) {
  std::string from(table_name(level));
  if (level == QueryLevel::instance && highest < level) from += " JOIN series ON series.id = instance.series";
  if (level >= QueryLevel::series && highest <= QueryLevel::study) from += " JOIN study ON study.id = series.study";
  return from;
}

SqlText ids_statement(const Query& query) {
  const std::string table(table_name(query.level));
  Conditions conditions = conditions_of(query);
  SqlText sql{"SELECT " + table + ".id FROM " + joined(query.level, conditions.highest), {}};
  const auto own = conditions.by_level.extract(query.level);
  if (!own.empty()) {
    sql += " WHERE ";
    sql += own.mapped();
  }
  if (!conditions.by_level.empty()) {
    sql += own.empty() ? " WHERE " : " AND ";
    sql += something_below(query.level, conditions);
  }
  return sql;
}

RowStatement row_statement(const Query& query) {
  RowStatement row{"SELECT ", keywords_of(query)};
  for (const auto& keyword : row.keywords) {
    const auto& key = *query_key(keyword);
    if (&keyword != &row.keywords.front()) row.sql += ", ";
    row.sql += expression_of(key, query.level);
  }
  const std::string table(table_name(query.level));
  row.sql += " FROM " + joined(query.level) + " WHERE " + table + ".id = ? AND " + visible(table);
  return row;
}

}  // namespace punctum
