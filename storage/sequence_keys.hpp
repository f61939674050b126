#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/query_keys.hpp"

namespace punctum {

/// The attributes of a sequence's items that are indexed: those of a key of kind `sequence`. Empty for other keys.
std::span<const QueryKeyDefinition> sequence_keys(std::string_view sequence_keyword);
const QueryKeyDefinition* sequence_key(std::string_view sequence_keyword, std::string_view item_keyword);
const QueryKeyDefinition* sequence_key(std::string_view sequence_keyword, std::uint16_t group, std::uint16_t element);

/// One item: values by keyword, UTF-8.
using SequenceItem = std::map<std::string, std::string, std::less<>>;

/// How a sequence lies in InstanceRecord::attributes and in a QueryRow: JSON text, empty for no items.
std::string sequence_text(const std::vector<SequenceItem>& items);
std::vector<SequenceItem> sequence_items(std::string_view text);  ///< nothing where the text is none of ours

}  // namespace punctum
