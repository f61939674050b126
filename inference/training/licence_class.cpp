#include "inference/training/licence_class.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <regex>

namespace punctum {
namespace {

std::string in_lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string as_spdx(std::string name) {
  if (!in_lower_case(name).starts_with("cc")) return name;
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return name;
}

/// As they are written.
std::vector<std::string> names_in(std::string_view expression) {
  std::vector<std::string> names;
  bool in_name = false;
  for (const char c : expression) {
    const bool separates = std::string_view(" \t\r\n(),;/").find(c) != std::string_view::npos;
    if (!separates) {
      if (!in_name) names.emplace_back();
      names.back() += c;
    }
    in_name = !separates;
  }
  std::erase_if(names, [](const std::string& name) {
    const auto word = in_lower_case(name);
    return word == "and" || word == "or";
  });
  return names;
}

/// "4.0", "3.0-us"; "4.0-nc" is none.
bool is_version(const std::string& text) {
  static const std::regex versions("[1-9]\\.[0-9](-(igo|[a-z]{2}))?");
  return std::regex_match(text, versions) && !text.ends_with("-nc") && !text.ends_with("-nd");
}

bool is_open(const std::string& as_written) {
  const auto name = in_lower_case(as_written);
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

bool forbids_selling(std::string_view expression) {
  return std::ranges::any_of(names_in(expression), [](const std::string& name) {
    return (in_lower_case(name) + "-").find("-nc-") != std::string::npos;
  });
}

std::string licence_of_weights(const std::vector<std::string>& data_licences) {
  std::map<std::string, std::string> binding;  // by lower case, as first written
  for (const auto& expression : data_licences) {
    const auto names = names_in(expression);
    if (names.empty()) binding.try_emplace("noassertion", "NOASSERTION");
    for (const auto& name : names) {
      const auto lower = in_lower_case(name);
      if (!is_open(name) || lower.find("-sa-") != std::string::npos) binding.try_emplace(lower, as_spdx(name));
    }
  }
  std::string all;
  for (const auto& [lower, name] : binding) all += (all.empty() ? "" : " AND ") + name;
  return all.empty() ? "Apache-2.0" : all;
}

}  // namespace punctum
