#include "inference/training/licence_class.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

namespace punctum {
namespace {

std::vector<std::string> names_in(std::string_view expression) {
  std::vector<std::string> names;
  bool in_name = false;
  for (const char c : expression) {
    const bool separates = std::isspace(static_cast<unsigned char>(c)) != 0 || c == '(' || c == ')';
    if (!separates) {
      if (!in_name) names.emplace_back();
      names.back() += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    in_name = !separates;
  }
  std::erase_if(names, [](const std::string& name) { return name == "and" || name == "or"; });
  return names;
}

/// "4.0", "3.0-us"
bool is_version(std::string_view text) { return !text.empty() && text.front() >= '1' && text.front() <= '9'; }

bool is_open(std::string_view name) {
  constexpr std::array<std::string_view, 8> known{"apache-2.0", "mit",     "bsd-2-clause", "bsd-3-clause",
                                                  "isc",        "cc0-1.0", "pddl-1.0",     "odc-by-1.0"};
  if (std::ranges::find(known, name) != known.end()) return true;
  for (const std::string_view family : {"cc-by-sa-", "cc-by-"}) {
    if (name.starts_with(family)) return is_version(name.substr(family.size()));
  }
  return false;
}

}  // namespace

bool is_open_licence(std::string_view expression) {
  const auto names = names_in(expression);
  return !names.empty() && std::ranges::all_of(names, is_open);
}

std::string licence_of_weights(const std::vector<std::string>& data_licences) {
  std::set<std::string> share_alike;
  for (const auto& expression : data_licences) {
    for (auto& name : names_in(expression)) {
      if (name.find("-sa-") == std::string::npos) continue;
      std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
      share_alike.insert(name);
    }
  }
  std::string all;
  for (const auto& name : share_alike) all += (all.empty() ? "" : " AND ") + name;
  return all.empty() ? "Apache-2.0" : all;
}

}  // namespace punctum
