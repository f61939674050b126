#include "config/json_object.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

#include "dicom/types/error.hpp"

namespace punctum {
namespace {

/// RFC 6901 3 writes "~" as "~0" and "/" as "~1".
std::string escaped(const std::string& name) {
  std::string out;
  for (const char c : name) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

std::string plain(double number) {
  std::ostringstream out;
  out << number;
  return out.str();
}

}  // namespace

void refuse_value(const std::string& pointer, const nlohmann::json& found, const std::string& expected) {
  auto shown = found.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (shown.size() > 60) shown = shown.substr(0, 57) + "...";
  throw ConfigError((pointer.empty() ? std::string("the file") : pointer) + ": found " + shown + ", expected " +
                    expected);
}

JsonObject::JsonObject(const nlohmann::json& value, std::string pointer)
    : value_(&value), pointer_(std::move(pointer)) {
  if (!value.is_object()) refuse_value(pointer_, value, "an object");
}

const nlohmann::json* JsonObject::field(const std::string& name) {
  known_.insert(name);
  const auto found = value_->find(name);
  return found == value_->end() ? nullptr : &*found;
}

std::string JsonObject::pointer_to(const std::string& name) const { return pointer_ + "/" + escaped(name); }

std::optional<std::string> JsonObject::text(const std::string& name) {
  const auto* value = field(name);
  if (!value) return {};
  if (!value->is_string() || value->get_ref<const std::string&>().empty()) {
    refuse_value(pointer_to(name), *value, "a text that is not empty");
  }
  return value->get<std::string>();
}

std::optional<std::int64_t> JsonObject::integer(const std::string& name, std::int64_t least, std::int64_t most) {
  const auto* value = field(name);
  if (!value) return {};
  const auto expected = "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
  // An unsigned number beyond int64 would wrap; compare it as what it is first.
  const bool too_big =
      value->is_number_unsigned() && value->get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX);
  if (!value->is_number_integer() || too_big) refuse_value(pointer_to(name), *value, expected);
  const auto number = value->get<std::int64_t>();
  if (number < least || number > most) refuse_value(pointer_to(name), *value, expected);
  return number;
}

std::optional<double> JsonObject::number(const std::string& name, double least, double most) {
  const auto* value = field(name);
  if (!value) return {};
  const bool fits = value->is_number() && value->get<double>() >= least && value->get<double>() <= most;
  if (!fits) refuse_value(pointer_to(name), *value, "a number from " + plain(least) + " to " + plain(most));
  return value->get<double>();
}

std::optional<bool> JsonObject::boolean(const std::string& name) {
  const auto* value = field(name);
  if (!value) return {};
  if (!value->is_boolean()) refuse_value(pointer_to(name), *value, "true or false");
  return value->get<bool>();
}

std::optional<std::vector<std::string>> JsonObject::texts(const std::string& name) {
  const auto* value = field(name);
  if (!value) return {};
  const bool fits =
      value->is_array() && std::all_of(value->begin(), value->end(), [](const auto& e) { return e.is_string(); });
  if (!fits) refuse_value(pointer_to(name), *value, "a list of texts");
  return value->get<std::vector<std::string>>();
}

std::optional<JsonObject> JsonObject::object(const std::string& name) {
  const auto* value = field(name);
  if (!value) return {};
  return JsonObject(*value, pointer_to(name));
}

std::vector<std::string> JsonObject::names() const {
  std::vector<std::string> out;
  for (const auto& [name, value] : value_->items()) out.push_back(name);
  return out;
}

void JsonObject::refuse_unknown_fields() const {
  for (const auto& [name, value] : value_->items()) {
    if (known_.contains(name)) continue;
    std::string allowed;
    for (const auto& one : known_) allowed += (allowed.empty() ? "" : ", ") + one;
    throw ConfigError(pointer_to(name) + ": unknown field, expected one of " + allowed);
  }
}

}  // namespace punctum
