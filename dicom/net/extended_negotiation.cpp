#include "dicom/net/extended_negotiation.hpp"

#include <algorithm>
#include <array>

#include "dicom/net/presentation_contexts.hpp"
#include "dicom/types/sop_classes.hpp"

namespace punctum {
namespace {

constexpr std::uint8_t supported = 1;
constexpr std::size_t find_bytes = 7, retrieve_bytes = 2;
constexpr std::array<std::uint8_t, 6> storage_abilities = {2, 0, 3, 0, 0, 0};

bool is_one_of(std::string_view sop_class, std::initializer_list<std::string_view> all) {
  return std::ranges::find(all, sop_class) != all.end();
}

bool asks(const std::vector<std::uint8_t>& asked, std::size_t byte) {
  return asked.size() > byte && asked[byte] == supported;
}

ExtendedAnswer of_query(const std::vector<std::uint8_t>& asked, std::size_t most_bytes, QueryOptions options) {
  ExtendedAnswer answer{std::vector<std::uint8_t>(std::min(asked.size(), most_bytes), 0), options};
  if (options.relational) answer.information[0] = supported;
  if (options.combined_date_time) answer.information[1] = supported;
  if (options.empty_value) answer.information[5] = supported;
  return answer;
}

}  // namespace

std::optional<ExtendedAnswer> answer_extended(std::string_view sop_class, const std::vector<std::uint8_t>& asked) {
  if (asked.empty()) return std::nullopt;
  if (is_one_of(sop_class, {sop_class::patient_root_find, sop_class::study_root_find})) {
    return of_query(asked, find_bytes, {asks(asked, 0), asks(asked, 1), asks(asked, 5)});
  }
  if (is_one_of(sop_class, {sop_class::patient_root_move, sop_class::study_root_move, sop_class::patient_root_get,
                            sop_class::study_root_get})) {
    return of_query(asked, retrieve_bytes, {.relational = asks(asked, 0)});
  }
  if (is_storage_class(sop_class) && asked.size() >= storage_abilities.size()) {
    return ExtendedAnswer{{storage_abilities.begin(), storage_abilities.end()}, {}};
  }
  return std::nullopt;
}

}  // namespace punctum
