#include "storage/index/query_sql.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "storage/index/moments.hpp"
#include "storage/sequence_keys.hpp"

namespace punctum {

namespace {

using Conditions = std::map<QueryLevel, SqlText>;  // one text a level, terms joined by AND

std::string visible(std::string_view table) {
  return std::string(table) + (table == "instance" ? ".file_missing = 0" : ".instance_count > 0");
}

// ModalitiesInStudy and SOPClassesInStudy ask what a study contains, whatever the level of the query below patient.
std::optional<SqlText> contained(const QueryKeyDefinition& key, std::string_view pattern) {
  const bool modalities = key.keyword == "ModalitiesInStudy";
  if (!modalities && key.keyword != "SOPClassesInStudy") return std::nullopt;
  const auto column = column_of(modalities ? "Modality" : "SOPClassUID");
  const auto inner = condition(*column, modalities ? "s" : "i", pattern);
  if (!inner) return std::nullopt;
  SqlText sql{modalities ? "EXISTS (SELECT 1 FROM series AS s WHERE s.study = study.id AND s.instance_count > 0 AND "
                         : "EXISTS (SELECT 1 FROM series AS s JOIN instance AS i ON i.series = s.id "
                           "WHERE s.study = study.id AND i.file_missing = 0 AND ",
              {}};
  sql += *inner;
  sql += ")";
  return sql;
}

/// One and the same item must match all keys (PS3.4 C.2.2.2.6).
std::optional<SqlText> has_item(const Match& match, const KeyColumn& column, std::string_view table) {
  SqlText sql{"EXISTS (SELECT 1 FROM json_each(" + std::string(table) + "." + column.name + ") AS item WHERE 1", {}};
  bool asks = false;
  for (const auto& inner : match.item) {
    const auto* key = sequence_key(match.keyword, inner.keyword);
    if (key == nullptr) continue;
    const auto one =
        condition_on(key->kind, "json_extract(item.value, '$." + std::string(key->keyword) + "')", {}, inner.pattern);
    if (!one) continue;
    asks = true;
    sql += " AND ";
    sql += *one;
  }
  sql += ")";
  return asks ? std::optional(sql) : std::nullopt;
}

std::optional<SqlText> condition_of(const Match& match, QueryLevel asked) {
  const auto* key = query_key(match.keyword);
  if (key == nullptr) return std::nullopt;  // PS3.4 C.4.1.3: what is not supported matches universally
  if (key->computed) return contained(*key, match.pattern);
  if (key->kind == KeyKind::sequence) return has_item(match, *column_of(key->keyword), table_for(*key, asked));
  return condition(*column_of(key->keyword), table_for(*key, asked), match.pattern);
}

Conditions conditions_of(const Query& query) {
  Conditions conditions;
  const auto add = [&](const QueryKeyDefinition& key, const SqlText& sql) {
    const QueryLevel level = std::max(key.level, query.level);
    const bool study_wide = key.computed && query.level == QueryLevel::patient;
    auto& all = conditions[study_wide ? QueryLevel::study : level];
    if (!all.text.empty()) all += " AND ";
    all += sql;
  };
  const auto moments = moments_in(query);
  for (const auto& moment : moments) add(*query_key(moment.date->keyword), moment.sql);
  for (const auto& match : query.matches) {
    if (is_part_of(moments, match)) continue;
    if (const auto sql = condition_of(match, query.level)) add(*query_key(match.keyword), *sql);
  }
  return conditions;
}

// Keys below the level asked for: a row matches when something under it does.
SqlText something_below(QueryLevel asked, const Conditions& below) {
  const auto first = static_cast<QueryLevel>(static_cast<int>(asked) + 1);
  const QueryLevel deepest = below.rbegin()->first;
  std::string from(table_name(first));
  for (int level = static_cast<int>(first) + 1; level <= static_cast<int>(deepest); ++level) {
    const std::string child(table_name(static_cast<QueryLevel>(level)));
    const std::string parent(table_name(static_cast<QueryLevel>(level - 1)));
    from += " JOIN " + child + " ON " + child + "." + parent + " = " + parent + ".id";
  }
  SqlText sql{"EXISTS (SELECT 1 FROM " + from + " WHERE " + std::string(table_name(first)) + "." +
                  std::string(table_name(asked)) + " = " + std::string(table_name(asked)) + ".id AND " +
                  visible(table_name(deepest)),
              {}};
  for (const auto& [level, condition] : below) {
    sql += " AND ";
    sql += condition;
  }
  sql += ")";
  return sql;
}

std::string list_of(std::string_view inner) {
  return "(SELECT group_concat(value, '\\') FROM (SELECT DISTINCT " + std::string(inner) + " ORDER BY 1))";
}

std::string computed_expression(const QueryKeyDefinition& key, QueryLevel asked) {
  if (key.keyword == "ModalitiesInStudy") {
    return list_of(
        "s.modality AS value FROM series AS s WHERE s.study = study.id AND s.instance_count > 0 "
        "AND s.modality IS NOT NULL");
  }
  if (key.keyword == "SOPClassesInStudy") {
    return list_of(
        "i.sop_class_uid AS value FROM series AS s JOIN instance AS i ON i.series = s.id "
        "WHERE s.study = study.id AND i.file_missing = 0");
  }
  if (key.keyword == "AvailableTransferSyntaxUID") return "instance.transfer_syntax_uid";
  const std::string count = key.keyword.ends_with("Studies")  ? "study_count"
                            : key.keyword.ends_with("Series") ? "series_count"
                                                              : "instance_count";
  if (key.level == QueryLevel::patient && asked != QueryLevel::patient) {
    return "(SELECT patient." + count + " FROM patient WHERE patient.id = study.patient)";
  }
  return std::string(table_name(key.level)) + "." + count;
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

std::string joined(QueryLevel level) {
  std::string from(table_name(level));
  if (level == QueryLevel::instance) from += " JOIN series ON series.id = instance.series";
  if (level >= QueryLevel::series) from += " JOIN study ON study.id = series.study";
  return from;
}

SqlText ids_statement(const Query& query) {
  const std::string table(table_name(query.level));
  SqlText sql{"SELECT " + table + ".id FROM " + joined(query.level) + " WHERE " + visible(table), {}};
  Conditions conditions = conditions_of(query);
  if (const auto own = conditions.extract(query.level); !own.empty()) {
    sql += " AND ";
    sql += own.mapped();
  }
  if (!conditions.empty()) {
    sql += " AND ";
    sql += something_below(query.level, conditions);
  }
  return sql;
}

RowStatement row_statement(const Query& query) {
  RowStatement row{"SELECT ", keywords_of(query)};
  for (const auto& keyword : row.keywords) {
    const auto& key = *query_key(keyword);
    if (&keyword != &row.keywords.front()) row.sql += ", ";
    row.sql += key.computed ? computed_expression(key, query.level)
                            : std::string(table_for(key, query.level)) + "." + column_of(keyword)->name;
  }
  row.sql += " FROM " + joined(query.level) + " WHERE " + std::string(table_name(query.level)) + ".id = ?";
  return row;
}

}  // namespace punctum
