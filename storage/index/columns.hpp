#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/query_keys.hpp"

namespace punctum {

/// Where a key lies in the index.
struct KeyColumn {
  const QueryKeyDefinition* key = nullptr;
  std::string name;    ///< in snake case: "patient_name"
  std::string folded;  ///< "patient_name_folded" for person names, else empty
};

std::string column_name(std::string_view keyword);
std::string_view table_name(QueryLevel level);  ///< "patient", "study", "series", "instance"

/// The columns of a level's own table; computed keys have none. A study row also carries the patient's columns.
std::span<const KeyColumn> columns_of(QueryLevel level);
/// All columns of an instance with those of its series and study, patient's first.
std::span<const KeyColumn> all_columns();
const KeyColumn* column_of(std::string_view keyword);  ///< nothing for computed and unknown keys

/// The table that answers for a key when rows of `asked` are joined with those above.
std::string_view table_for(const QueryKeyDefinition& key, QueryLevel asked);

}  // namespace punctum
