#include "storage/index/holdings.hpp"

#include <algorithm>

#include "storage/sequence_keys.hpp"

namespace punctum {

namespace {

// series_class may name a class whose last instance is gone or lost its file.
constexpr const char* class_is_visible =
    "EXISTS (SELECT 1 FROM instance AS i WHERE i.series = c.series AND i.sop_class_uid = c.sop_class_uid AND "
    "i.file_missing = 0)";

/// "for this study, something ..." or "the study is among those that have something ...".
SqlText of_study(OpenedBy side, const std::string& from, const SqlText& what) {
  SqlText sql{side == OpenedBy::rows ? "EXISTS (SELECT 1 FROM " + from + " WHERE s.study = study.id AND "
                                     : "study.id IN (SELECT s.study FROM " + from + " WHERE ",
              {}};
  sql += what;
  sql += ")";
  return sql;
}

std::string list_of(const std::string& inner) {
  return "(SELECT group_concat(value, '\\') FROM (SELECT DISTINCT " + inner + " ORDER BY 1))";
}

struct ItemKey {
  const QueryKeyDefinition* key;
  const Match* match;
};

std::optional<SqlText> condition_on_value(const ItemKey& inner, const std::string& value) {
  if (inner.match->is_empty) return has_no_value(value);
  return condition_on(inner.key->kind, value, {}, inner.match->pattern);
}

std::vector<ItemKey> asking_keys(const Match& match) {
  std::vector<ItemKey> keys;
  for (const auto& inner : match.item) {
    const ItemKey one{sequence_key(match.keyword, inner.keyword), &inner};
    if (one.key != nullptr && condition_on_value(one, "value")) keys.push_back(one);
  }
  return keys;
}

/// Rows with an item that has the first key; an index finds them.
SqlText owners(std::string_view sequence, const ItemKey& first) {
  SqlText sql{"(SELECT v.owner FROM sequence_value AS v WHERE v.sequence = '" + std::string(sequence) +
                  "' AND v.keyword = '" + std::string(first.key->keyword) + "' AND ",
              {}};
  sql += *condition_on_value(first, "v.value");
  sql += ")";
  return sql;
}

}  // namespace

std::optional<SqlText> holds(const Match& match, OpenedBy side) {
  if (match.keyword == "ModalitiesInStudy") {
    const auto modality = condition(*column_of("Modality"), "s", match.pattern);
    if (!modality) return std::nullopt;
    SqlText what{"s.instance_count > 0 AND ", {}};
    what += *modality;
    return of_study(side, "series AS s", what);
  }
  if (match.keyword != "SOPClassesInStudy") return std::nullopt;
  auto of_class = condition(*column_of("SOPClassUID"), "c", match.pattern);
  if (!of_class) return std::nullopt;
  *of_class += std::string(" AND ") + class_is_visible;
  return of_study(side, "series AS s JOIN series_class AS c ON c.series = s.id", *of_class);
}

std::optional<SqlText> has_item(const Match& match, std::string_view table, OpenedBy side) {
  const auto keys = asking_keys(match);
  if (keys.empty()) return std::nullopt;
  SqlText sql{"", {}};
  const auto with_value = std::ranges::find_if(keys, [](const ItemKey& one) { return !one.match->is_empty; });
  if (side == OpenedBy::index && with_value != keys.end()) {
    sql += std::string(table) + ".id IN ";
    sql += owners(match.keyword, *with_value);
    sql += " AND ";
  }
  sql += "EXISTS (SELECT 1 FROM json_each(" + std::string(table) + "." + column_of(match.keyword)->name +
         ") AS item WHERE 1";
  for (const auto& one : keys) {
    sql += " AND ";
    sql += *condition_on_value(one, "json_extract(item.value, '$." + std::string(one.key->keyword) + "')");
  }
  sql += ")";
  return sql;
}

std::optional<SqlText> is_of_class(const Match& match, OpenedBy side) {
  const auto& column = *column_of("SOPClassUID");
  auto sql = condition(column, "instance", match.pattern);
  if (!sql || side == OpenedBy::rows) return sql;
  *sql += " AND instance.series IN (SELECT c.series FROM series_class AS c WHERE ";
  *sql += *condition(column, "c", match.pattern);
  *sql += ")";
  return sql;
}

std::string modalities_of_study() {
  return list_of(
      "s.modality AS value FROM series AS s WHERE s.study = study.id AND s.instance_count > 0 "
      "AND s.modality IS NOT NULL");
}

std::string sop_classes_of_study() {
  return list_of(
      "c.sop_class_uid AS value FROM series AS s JOIN series_class AS c ON c.series = s.id "
      "WHERE s.study = study.id AND " +
      std::string(class_is_visible));
}

}  // namespace punctum
