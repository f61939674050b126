#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace punctum {

/// One line of a manifest read strictly: every field is asked for by name, and what nobody asked for is refused. Every
/// message names the line, the JSON pointer, what was found and what was expected. Private to datasets/.
class ManifestLine {
 public:
  /// @param place "NAME line 3", for messages. @throws ConfigError if the text is no JSON object.
  ManifestLine(const std::string& text, std::string place);

  std::optional<std::string> text(const std::string& name);  ///< not empty
  std::string require_text(const std::string& name);
  std::optional<std::vector<int>> whole_numbers(const std::string& name, int least, int most);  ///< not empty
  std::vector<std::pair<std::string, std::string>> text_map(const std::string& name);           ///< empty if absent
  void refuse_unknown_fields() const;                                                           ///< call last

  [[noreturn]] void refuse(const std::string& pointer, const std::string& found, const std::string& expected) const;

 private:
  const nlohmann::json* field(const std::string& name);
  nlohmann::json value_;
  std::string place_;
  std::set<std::string> known_;
};

}  // namespace punctum
