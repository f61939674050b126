#include "storage/index/normal_form.hpp"

#include <algorithm>

namespace punctum {

namespace {

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::string without(std::string_view text, char character) {
  std::string kept(text);
  std::erase(kept, character);
  return kept;
}

std::string integer_form(std::string_view text) {
  const bool negative = text.starts_with('-');
  std::string_view digits = negative || text.starts_with('+') ? text.substr(1) : text;
  if (!all_digits(digits)) return std::string(text);
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size() - 1));
  return (negative && digits != "0" ? "-" : "") + std::string(digits);
}

}  // namespace

std::string normal_form(KeyKind kind, std::string_view value) {
  constexpr std::string_view padding(" \0\t\r\n", 5);
  const auto first = value.find_first_not_of(padding);
  if (first == std::string_view::npos) return {};
  const std::string_view text = value.substr(first, value.find_last_not_of(padding) - first + 1);
  switch (kind) {
    case KeyKind::date: {
      const std::string digits = without(text, '.');
      return digits.size() == 8 && all_digits(digits) ? digits : std::string(text);
    }
    case KeyKind::time:
      return without(text, ':');
    case KeyKind::integer:
      return integer_form(text);
    default:
      return std::string(text);
  }
}

}  // namespace punctum
