#include "inference/datasets/manifest_line.hpp"

#include "dicom/types/error.hpp"

namespace punctum {

using nlohmann::json;

ManifestLine::ManifestLine(const std::string& text, std::string place) : place_(std::move(place)) {
  value_ = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!value_.is_object()) refuse("", value_.is_discarded() ? "no JSON" : value_.dump(), "one JSON object a line");
}

void ManifestLine::refuse(const std::string& pointer, const std::string& found, const std::string& expected) const {
  throw ConfigError("cannot use " + place_ + (pointer.empty() ? "" : ", " + pointer) + ": found " + found +
                    ", expected " + expected);
}

const json* ManifestLine::field(const std::string& name) {
  known_.insert(name);
  const auto found = value_.find(name);
  return found == value_.end() ? nullptr : &*found;
}

std::optional<std::string> ManifestLine::text(const std::string& name) {
  const auto* value = field(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string() || value->get_ref<const std::string&>().empty()) refuse("/" + name, value->dump(), "a text");
  return value->get<std::string>();
}

std::string ManifestLine::require_text(const std::string& name) {
  const auto value = text(name);
  if (!value) refuse("/" + name, "nothing", "a text");
  return *value;
}

std::optional<std::vector<int>> ManifestLine::whole_numbers(const std::string& name, int least, int most) {
  const auto* value = field(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_array() || value->empty()) refuse("/" + name, value->dump(), "a list of whole numbers");
  std::vector<int> numbers;
  for (const auto& item : *value) {
    if (!item.is_number_integer() || item.get<std::int64_t>() < least || item.get<std::int64_t>() > most) {
      refuse("/" + name + "/" + std::to_string(numbers.size()), item.dump(),
             "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    }
    numbers.push_back(item.get<int>());
  }
  return numbers;
}

std::vector<std::pair<std::string, std::string>> ManifestLine::text_map(const std::string& name) {
  const auto* value = field(name);
  if (value == nullptr) return {};
  if (!value->is_object()) refuse("/" + name, value->dump(), "an object");
  std::vector<std::pair<std::string, std::string>> texts;
  for (const auto& [key, item] : value->items()) {
    if (!item.is_string()) refuse("/" + name + "/" + key, item.dump(), "a text");
    texts.emplace_back(key, item.get<std::string>());
  }
  return texts;
}

void ManifestLine::refuse_unknown_fields() const {
  for (const auto& [name, item] : value_.items()) {
    if (!known_.contains(name)) refuse("/" + name, "an unknown field", "no such field");
  }
}

}  // namespace punctum
