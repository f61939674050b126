#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace punctum {

/// What an SCU may ask of a query or retrieval beyond the plain one (PS3.4 C.5.1.1, C.5.2.1, C.5.3.1). Only what both
/// sides named holds; without negotiation everything is false.
struct QueryOptions {
  bool relational = false;          ///< unique keys of the levels above may be missing
  bool combined_date_time = false;  ///< a date range and a time range are one range of moments
  bool empty_value = false;         ///< "" (two quotation marks) asks for what has no value
};

/// Answers one SOP Class Extended Negotiation sub-item (PS3.7 D.3.3.5), byte by byte and never longer than what was
/// asked. Queries: relational, dates with times combined, and empty values, where asked for; fuzzy names,
/// timezone adjustment, multi-frame conversion and multiple values (of which all must match) are declined (0). Storage:
/// level 2, digital signatures at level 3 (bit preserving), nothing coerced (PS3.4 B.3.1). Nothing: no answer is due.
/// Pure.
struct ExtendedAnswer {
  std::vector<std::uint8_t> information;
  QueryOptions options;
};
std::optional<ExtendedAnswer> answer_extended(std::string_view sop_class, const std::vector<std::uint8_t>& asked);

}  // namespace punctum
