#include "storage/index/conditions.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "storage/index/folding.hpp"
#include "storage/index/normal_form.hpp"

namespace punctum {

SqlText& SqlText::operator+=(const SqlText& more) {
  text += more.text;
  values.insert(values.end(), more.values.begin(), more.values.end());
  return *this;
}

namespace {

bool has_wildcard(std::string_view pattern) { return pattern.find_first_of("*?") != std::string_view::npos; }

// GLOB knows * and ? as DICOM does, and sets in brackets, which DICOM does not.
std::string as_glob(std::string_view pattern) {
  std::string glob;
  for (const char c : pattern) glob += c == '[' ? std::string("[[]") : std::string(1, c);
  return glob;
}

// The smallest string above all that start with the prefix; empty if there is none. The last byte grows by one, which
// is right because SQLite compares bytes.
std::string after_prefix(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xff) prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

// A GLOB with the range its fixed beginning allows, said openly so that an index can serve it.
SqlText glob(const std::string& column, std::string_view pattern) {
  SqlText sql{column + " GLOB ?", {as_glob(pattern)}};
  const std::string prefix(pattern.substr(0, pattern.find_first_of("*?")));
  if (prefix.empty()) return sql;
  sql += SqlText{" AND " + column + " >= ?", {prefix}};
  if (const auto above = after_prefix(prefix); !above.empty()) sql += SqlText{" AND " + column + " < ?", {above}};
  return sql;
}

SqlText one_of(const std::string& column, std::vector<std::string> values) {
  if (values.size() == 1) return {column + " = ?", std::move(values)};
  std::string marks = "?";
  for (std::size_t i = 1; i < values.size(); ++i) marks += ", ?";
  return {column + " IN (" + marks + ")", std::move(values)};
}

/// A component group that is left empty before others asks for nothing: "=YAMADA*" looks in the second group only.
std::string with_open_groups(const std::string& folded) {
  std::string open;
  for (std::size_t start = 0; start < folded.size();) {
    const auto end = folded.find('=', start);
    open += end == start ? "*=" : folded.substr(start, end - start + 1);
    start = end == std::string::npos ? folded.size() : end + 1;
  }
  return open;
}

SqlText person_name(const std::string& folded_column, std::string_view pattern) {
  const std::string folded = with_open_groups(fold_person_name(pattern));
  SqlText sql = glob(folded_column, folded + "*");
  const bool in_any_group =
      std::ranges::count(folded, '=') == 1 && std::ranges::any_of(folded, [](char c) { return (c & 0x80) != 0; });
  if (in_any_group) sql += SqlText{" OR " + folded_column + " GLOB ?", {"*=" + as_glob(folded) + "*"}};
  return sql;
}

// "1030", "103000", "103000.0" are one time: without the zeros at its end a time is a beginning of all its spellings.
std::string shortest_time(std::string time) {
  if (time.find('.') != std::string::npos) {
    while (time.ends_with('0')) time.pop_back();
    if (time.ends_with('.')) time.pop_back();
  }
  while (time.size() > 2 && time.size() % 2 == 0 && time.size() <= 6 && time.ends_with("00"))
    time.resize(time.size() - 2);
  return time;
}

std::vector<std::string> spellings_of_time(const std::string& time) {
  std::string spelling = shortest_time(time);
  std::vector<std::string> all{spelling};
  while (spelling.size() < 6 && spelling.size() % 2 == 0) all.push_back(spelling += "00");
  if (spelling.size() == 6) spelling += '.';
  while (spelling.size() > 6 && spelling.size() < 13) all.push_back(spelling += '0');
  return all;
}

SqlText range(const std::string& column, KeyKind kind, std::string_view pattern) {
  const auto dash = pattern.find('-');
  std::string from = normal_form(kind, pattern.substr(0, dash));
  const std::string to = normal_form(kind, pattern.substr(dash + 1));
  if (kind == KeyKind::time) from = shortest_time(from);
  SqlText sql{column + " >= ?", {from}};
  if (to.empty()) return sql;
  // An end at 1030 includes all of that minute, one at 20240131 all of that day: everything that begins so.
  sql += SqlText{" AND " + column + " < ?", {to + ":"}};
  return sql;
}

/// What one value asks for: to be equal to one of some, or something else; neither for universal matching.
struct Wanted {
  std::vector<std::string> equals{};
  std::optional<SqlText> other{};
};

Wanted wanted(KeyKind kind, const std::string& name, const std::string& folded, std::string_view value) {
  const std::string normal = normal_form(kind, value);
  if (normal.find_first_not_of('*') == std::string::npos) return {};  // "" and "*"
  switch (kind) {
    case KeyKind::person_name:
      return {.other = person_name(folded, normal)};
    case KeyKind::date:
    case KeyKind::time:
      if (normal == "-") return {};
      if (normal.find('-') != std::string::npos) return {.other = range(name, kind, normal)};
      return {.equals = kind == KeyKind::time ? spellings_of_time(normal) : std::vector{normal}};
    case KeyKind::text:
    case KeyKind::code_string:
      if (has_wildcard(normal)) return {.other = glob(name, normal)};
      return {.equals = {normal}};
    default:
      return {.equals = {normal}};
  }
}

/// The beginning and the end of a range, either of which may be open; nothing if the pattern is no single range.
std::optional<std::pair<std::string, std::string>> ends_of_range(KeyKind kind, std::string_view pattern) {
  const auto normal = normal_form(kind, pattern);
  const auto dash = normal.find('-');
  if (dash == std::string::npos || normal == "-" || normal.find('\\') != std::string::npos) return std::nullopt;
  return std::pair(normal_form(kind, std::string_view(normal).substr(0, dash)),
                   normal_form(kind, std::string_view(normal).substr(dash + 1)));
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

std::optional<SqlText> condition(const KeyColumn& column, std::string_view table, std::string_view pattern) {
  const std::string folded = column.folded.empty() ? std::string() : std::string(table) + "." + column.folded;
  return condition_on(column.key->kind, std::string(table) + "." + column.name, folded, pattern);
}

std::optional<SqlText> condition_on(KeyKind kind, const std::string& name, const std::string& folded,
                                    std::string_view pattern) {
  std::vector<std::string> equals;
  std::vector<SqlText> others;
  for (const auto part : split(pattern, '\\')) {
    auto one = wanted(kind, name, folded, part);
    std::ranges::move(one.equals, std::back_inserter(equals));
    if (one.other) others.push_back(std::move(*one.other));
  }
  // Equal ones as a list, of any length: SQLite has a limit to how deep a tree of ORs may be.
  if (!equals.empty()) others.push_back(one_of(name, std::move(equals)));
  if (others.empty()) return std::nullopt;
  SqlText either{"(", {}};
  for (const auto& one : others) {
    either += either.text == "(" ? "(" : " OR (";
    either += one;
    either += ")";
  }
  either += ")";
  return either;
}

SqlText has_no_value(const std::string& value) { return {"(" + value + " IS NULL OR " + value + " = ?)", {""}}; }

std::optional<SqlText> combined_range(const std::string& date, const std::string& time, std::string_view date_pattern,
                                      std::string_view time_pattern) {
  const auto days = ends_of_range(KeyKind::date, date_pattern);
  const auto times = ends_of_range(KeyKind::time, time_pattern);
  if (!days || !times) return std::nullopt;
  const auto of_day = "coalesce(" + time + ", '')";
  SqlText sql{"(1", {}};
  // The days alone, said openly so that an index can serve them.
  if (!days->first.empty()) sql += SqlText{" AND " + date + " >= ?", {days->first}};
  if (!days->second.empty()) sql += SqlText{" AND " + date + " <= ?", {days->second}};
  if (!days->first.empty()) {
    const auto from = shortest_time(times->first);
    sql += SqlText{" AND (" + date + " > ? OR (" + date + " = ? AND " + of_day + " >= ?))",
                   {days->first, days->first, from}};
  }
  if (!days->second.empty()) {
    // ":" follows the digits, so it also ends what begins with that minute; without a time the day is whole.
    sql += SqlText{" AND (" + date + " < ? OR (" + date + " = ? AND " + of_day + " < ?))",
                   {days->second, days->second, times->second + ":"}};
  }
  sql += ")";
  return sql;
}

}  // namespace punctum
