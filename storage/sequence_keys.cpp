#include "storage/sequence_keys.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace punctum {
namespace {

using K = KeyKind;
constexpr auto no_level = QueryLevel::instance;  // an item belongs to its sequence

constexpr auto code = std::to_array<QueryKeyDefinition>({
    {0x0008, 0x0100, "CodeValue", "SH", no_level, K::text},
    {0x0008, 0x0102, "CodingSchemeDesignator", "SH", no_level, K::text},
    {0x0008, 0x0103, "CodingSchemeVersion", "SH", no_level, K::text},
    {0x0008, 0x0104, "CodeMeaning", "LO", no_level, K::text},
});
constexpr auto request = std::to_array<QueryKeyDefinition>({
    {0x0008, 0x0050, "AccessionNumber", "SH", no_level, K::text},
    {0x0020, 0x000d, "StudyInstanceUID", "UI", no_level, K::uid},
    {0x0032, 0x1060, "RequestedProcedureDescription", "LO", no_level, K::text},
    {0x0040, 0x0007, "ScheduledProcedureStepDescription", "LO", no_level, K::text},
    {0x0040, 0x0009, "ScheduledProcedureStepID", "SH", no_level, K::text},
    {0x0040, 0x1001, "RequestedProcedureID", "SH", no_level, K::text},
});

}  // namespace

std::span<const QueryKeyDefinition> sequence_keys(std::string_view sequence_keyword) {
  if (sequence_keyword == "RequestAttributesSequence") return request;
  const auto* key = query_key(sequence_keyword);
  if (key == nullptr || key->kind != K::sequence) return {};
  return code;
}

const QueryKeyDefinition* sequence_key(std::string_view sequence_keyword, std::string_view item_keyword) {
  const auto keys = sequence_keys(sequence_keyword);
  const auto found = std::ranges::find(keys, item_keyword, &QueryKeyDefinition::keyword);
  return found == keys.end() ? nullptr : &*found;
}

const QueryKeyDefinition* sequence_key(std::string_view sequence_keyword, std::uint16_t group, std::uint16_t element) {
  const auto keys = sequence_keys(sequence_keyword);
  const auto found = std::ranges::find_if(
      keys, [&](const QueryKeyDefinition& key) { return key.group == group && key.element == element; });
  return found == keys.end() ? nullptr : &*found;
}

std::string sequence_text(const std::vector<SequenceItem>& items) {
  if (items.empty()) return {};
  auto array = nlohmann::json::array();
  for (const auto& item : items) array.push_back(item);
  return array.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::vector<SequenceItem> sequence_items(std::string_view text) {
  const auto array = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  std::vector<SequenceItem> items;
  if (!array.is_array()) return items;
  for (const auto& object : array) {
    auto& item = items.emplace_back();
    for (const auto& [keyword, value] : object.items()) {
      if (value.is_string()) item.emplace(keyword, value.get<std::string>());
    }
  }
  return items;
}

}  // namespace punctum
