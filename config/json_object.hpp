#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace punctum {

/// One JSON object read strictly: every field is asked for by name, and what nobody asked for is refused. Every message
/// names the JSON pointer (RFC 6901), what was found and what was expected. Private to config/.
class JsonObject {
 public:
  /// @throws ConfigError if the value is no object. Keeps a reference to `value`.
  JsonObject(const nlohmann::json& value, std::string pointer);

  std::optional<std::string> text(const std::string& name);  ///< not empty
  std::optional<std::int64_t> integer(const std::string& name, std::int64_t least, std::int64_t most);
  std::optional<double> number(const std::string& name, double least, double most);
  std::optional<bool> boolean(const std::string& name);
  std::optional<std::vector<std::string>> texts(const std::string& name);
  std::optional<JsonObject> object(const std::string& name);

  const nlohmann::json* field(const std::string& name);  ///< null if absent
  std::vector<std::string> names() const;                ///< of all fields, for objects used as maps
  std::string pointer_to(const std::string& name) const;
  void refuse_unknown_fields() const;  ///< call last. @throws ConfigError

 private:
  const nlohmann::json* value_;
  std::string pointer_;
  std::set<std::string> known_;
};

/// @throws ConfigError "/dicom/port: found "x", expected a whole number from 0 to 65535"
[[noreturn]] void refuse_value(const std::string& pointer, const nlohmann::json& found, const std::string& expected);

}  // namespace punctum
