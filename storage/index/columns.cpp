#include "storage/index/columns.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace punctum {

namespace {

bool is_upper(char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; }
bool is_lower(char c) { return std::islower(static_cast<unsigned char>(c)) != 0; }

std::vector<KeyColumn> make_columns() {
  std::vector<KeyColumn> columns;
  for (const auto& key : query_keys()) {
    if (key.computed) continue;
    const std::string name = column_name(key.keyword);
    columns.push_back({&key, name, key.kind == KeyKind::person_name ? name + "_folded" : std::string()});
  }
  return columns;
}

}  // namespace

std::string column_name(std::string_view keyword) {
  std::string name;
  for (std::size_t i = 0; i < keyword.size(); ++i) {
    const bool word_starts = i > 0 && is_upper(keyword[i]) &&
                             (is_lower(keyword[i - 1]) || (i + 1 < keyword.size() && is_lower(keyword[i + 1])));
    if (word_starts) name += '_';
    name += static_cast<char>(std::tolower(static_cast<unsigned char>(keyword[i])));
  }
  return name;
}

std::string_view table_name(QueryLevel level) {
  constexpr std::array<std::string_view, 4> names{"patient", "study", "series", "instance"};
  return names.at(static_cast<std::size_t>(level));
}

std::span<const KeyColumn> all_columns() {
  static const std::vector<KeyColumn> columns = make_columns();
  return columns;
}

std::span<const KeyColumn> columns_of(QueryLevel level) {
  const auto [first, last] =
      std::ranges::equal_range(all_columns(), level, {}, [](const KeyColumn& column) { return column.key->level; });
  return {first, last};
}

const KeyColumn* column_of(std::string_view keyword) {
  const auto columns = all_columns();
  const auto found = std::ranges::find(columns, keyword, [](const KeyColumn& column) { return column.key->keyword; });
  return found == columns.end() ? nullptr : &*found;
}

std::string_view table_for(const QueryKeyDefinition& key, QueryLevel asked) {
  if (key.level == QueryLevel::patient && asked != QueryLevel::patient) return table_name(QueryLevel::study);
  return table_name(key.level);
}

}  // namespace punctum
