#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace punctum {

enum class QueryLevel { patient, study, series, instance };

/// How the value of a key is matched (PS3.4 C.2.2.2).
enum class KeyKind { uid, text, person_name, date, time, code_string, integer, sequence };

/// An attribute that is indexed and can be asked for. The table is the one place that says which.
struct QueryKeyDefinition {
  std::uint16_t group = 0, element = 0;
  std::string_view keyword;  ///< PS3.6, "PatientName"; also the column's name in snake case
  std::string_view vr;
  QueryLevel level = QueryLevel::study;
  KeyKind kind = KeyKind::text;
  bool computed = false;  ///< not taken from the data set: the index counts or collects it
};

/// All of them, ordered by level, then tag. Static storage. PS3.4 C.6.1.1.2 to C.6.1.1.5, and what clients like to see.
std::span<const QueryKeyDefinition> query_keys();
const QueryKeyDefinition* query_key(std::uint16_t group, std::uint16_t element);
const QueryKeyDefinition* query_key(std::string_view keyword);

}  // namespace punctum
