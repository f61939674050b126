#include "node/query/identifier_rules.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "dicom/types/error.hpp"
#include "storage/sequence_keys.hpp"

namespace punctum {
namespace {

struct LevelWord {
  std::string_view word;
  QueryLevel level;
  std::string_view unique_key;
};

constexpr std::array<LevelWord, 4> level_words{{{"PATIENT", QueryLevel::patient, "PatientID"},
                                                {"STUDY", QueryLevel::study, "StudyInstanceUID"},
                                                {"SERIES", QueryLevel::series, "SeriesInstanceUID"},
                                                {"IMAGE", QueryLevel::instance, "SOPInstanceUID"}}};

constexpr QueryLevel top_level(InformationModel model) {
  return model == InformationModel::patient_root ? QueryLevel::patient : QueryLevel::study;
}

const IdentifierElement* element_for(std::string_view keyword, const Identifier& keys) {
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const IdentifierElement& key) {
    const auto* definition = query_key(key.group, key.element);
    return definition && definition->keyword == keyword;
  });
  return found == keys.end() ? nullptr : &*found;
}

bool is_single_value(std::string_view value) {
  return !value.empty() && value.find_first_of("\\*?") == std::string_view::npos;
}

[[noreturn]] void refuse(const QueryRequest& request, std::string_view keyword, std::string_view expected) {
  throw DicomError("identifier does not match the information model: " + std::string(keyword) + " at level " +
                   request.level + ", expected " + std::string(expected));
}

/// The unique keys of the levels above the one asked, in order.
std::vector<Match> unique_keys_above(const QueryRequest& request, QueryLevel level) {
  std::vector<Match> out;
  for (const auto& word : level_words) {
    if (word.level < top_level(request.model) || word.level >= level) continue;
    const auto* key = element_for(word.unique_key, request.keys);
    if (key && is_single_value(key->value)) {
      out.push_back({std::string(word.unique_key), key->value});
    } else if (!request.relational) {
      refuse(request, word.unique_key, "a single value");
    }
  }
  return out;
}

constexpr std::string_view asks_for_no_value = "\"\"";  // PS3.4 C.2.2.2.7

/// What a value of a key asks for; nothing if for everything.
std::optional<Match> match_of(std::string_view keyword, const std::string& value, bool empty_value) {
  if (value.empty()) return std::nullopt;
  if (!empty_value || value != asks_for_no_value) return Match{std::string(keyword), value};
  return Match{.keyword = std::string(keyword), .is_empty = true};
}

/// Several items of a key ask for nothing more than the first: PS3.4 C.2.2.2.6 allows one.
std::optional<Match> to_match(const IdentifierElement& key, const QueryKeyDefinition& definition, bool empty_value) {
  if (definition.kind != KeyKind::sequence) return match_of(definition.keyword, key.value, empty_value);
  Match match{.keyword = std::string(definition.keyword)};
  if (key.items.empty()) return std::nullopt;
  for (const auto& inner : key.items.front()) {
    const auto* known = sequence_key(definition.keyword, inner.group, inner.element);
    if (known == nullptr) continue;
    if (auto one = match_of(known->keyword, inner.value, empty_value)) match.item.push_back(std::move(*one));
  }
  return match.item.empty() ? std::nullopt : std::optional(match);
}

constexpr std::size_t most_values = 100'000, most_patterns = 100, most_text_bytes = std::size_t{64} << 10;

/// One question must not become an hour of work (UIDs are looked up, patterns are gone through row by row).
void require_bounded(const QueryRequest& request, const IdentifierElement& key, const QueryKeyDefinition& definition) {
  const bool uids = definition.kind == KeyKind::uid;
  const auto values = static_cast<std::size_t>(std::ranges::count(key.value, '\\')) + 1;
  if (values > most_values) refuse(request, definition.keyword, "at most 100000 values");
  if (!uids && key.value.size() > most_text_bytes) refuse(request, definition.keyword, "at most 64 KiB");
  const bool moments = definition.kind == KeyKind::date || definition.kind == KeyKind::time;
  const bool patterns =
      definition.kind == KeyKind::person_name || key.value.find_first_of(moments ? "-" : "*?") != std::string::npos;
  if (!uids && patterns && values > most_patterns) {
    refuse(request, definition.keyword, "at most 100 values where some are names, ranges or have wildcards");
  }
}

/// The items that are stored, with the attributes asked for, or all that are known if the key has no item.
std::vector<Identifier> to_items(std::string_view stored, const IdentifierElement& key,
                                 const QueryKeyDefinition& definition) {
  const auto is_asked = [&](const QueryKeyDefinition& inner) {
    return key.items.empty() || key.items.front().empty() ||
           std::ranges::any_of(key.items.front(), [&](const IdentifierElement& asked) {
             return asked.group == inner.group && asked.element == inner.element;
           });
  };
  std::vector<Identifier> items;
  for (const auto& values : sequence_items(stored)) {
    auto& item = items.emplace_back();
    for (const auto& inner : sequence_keys(definition.keyword)) {
      const auto value = values.find(inner.keyword);
      if (!is_asked(inner) || (value == values.end() && key.items.empty())) continue;
      item.push_back({inner.group, inner.element, std::string(inner.vr), value == values.end() ? "" : value->second});
    }
  }
  return items;
}

bool is_control(const IdentifierElement& key) {
  return key.group == 0x0008 && (key.element == 0x0005 || key.element == 0x0052 || key.element == 0x0053 ||
                                 key.element == 0x0054 || key.element == 0x0056);
}

}  // namespace

QueryLevel query_level(const QueryRequest& request) {
  for (const auto& word : level_words) {
    if (word.word == request.level && word.level >= top_level(request.model)) return word.level;
  }
  throw DicomError("identifier does not match the information model: Query/Retrieve Level has " +
                   std::to_string(request.level.size()) + " characters, expected " +
                   (request.model == InformationModel::patient_root ? "PATIENT, " : "") +
                   std::string("STUDY, SERIES or IMAGE"));
}

Query to_query(const QueryRequest& request) {
  const auto level = query_level(request);
  unique_keys_above(request, level);
  Query query;
  query.level = level;
  query.combined_date_time = request.combined_date_time;
  for (const auto& key : request.keys) {
    const auto* definition = is_control(key) ? nullptr : query_key(key.group, key.element);
    if (!definition || (definition->level > level && !request.relational)) continue;
    require_bounded(request, key, *definition);
    if (definition->level <= level) query.returned.emplace_back(definition->keyword);
    if (auto match = to_match(key, *definition, request.empty_value)) query.matches.push_back(std::move(*match));
  }
  return query;
}

std::vector<Match> to_unique_keys(const QueryRequest& request) {
  const auto level = query_level(request);
  auto out = unique_keys_above(request, level);
  const auto& word = level_words[static_cast<std::size_t>(level)];
  const auto* key = element_for(word.unique_key, request.keys);
  const bool usable = key && !key->value.empty() && key->value.find_first_of("*?") == std::string::npos;
  if (!usable) refuse(request, word.unique_key, "a single value or a list of UIDs");
  out.push_back({std::string(word.unique_key), key->value});
  return out;
}

Identifier to_identifier(const QueryRow& row, const QueryRequest& request) {
  Identifier out;
  for (const auto& key : request.keys) {
    const auto* definition = is_control(key) ? nullptr : query_key(key.group, key.element);
    if (!definition) continue;
    const auto value = row.find(definition->keyword);
    const auto text = value == row.end() ? std::string() : value->second;
    const bool is_sequence = definition->kind == KeyKind::sequence;
    out.push_back({key.group, key.element, std::string(definition->vr), is_sequence ? "" : text,
                   is_sequence ? to_items(text, key, *definition) : std::vector<Identifier>()});
  }
  return out;
}

}  // namespace punctum
