#include <algorithm>

#include "sr/report_text.hpp"

namespace punctum {
namespace {

constexpr std::size_t value_width = 56;
constexpr std::size_t certainty_width = 8;

/// Characters, not bytes: reports are UTF-8.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string padded(std::string_view text, std::size_t to) {
  const auto wide = width(text);
  return std::string(text) + std::string(wide < to ? to - wide : 0, ' ');
}

/// Foreign reports may hold line breaks and terminal commands; neither belongs into a table.
std::string printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return text;
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

/// Lines of at most value_width characters, broken at spaces; a longer word (a UID) stays whole.
std::vector<std::string> wrapped(std::string_view text) {
  std::vector<std::string> lines{""};
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    const auto word = text.substr(0, end);
    if (!lines.back().empty() && width(lines.back()) + 1 + width(word) > value_width) lines.emplace_back();
    if (!lines.back().empty() && !word.empty()) lines.back() += ' ';
    lines.back() += word;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string row_text(const ReportRow& row, std::size_t name_width) {
  const auto lines = wrapped(printable(row.value));
  auto text = "  " + padded(printable(row.name), name_width) + "  ";
  if (row.certainty.empty()) {
    text += lines.front();
  } else {
    text += padded(lines.front(), value_width) +
            std::string(certainty_width - std::min(certainty_width, width(row.certainty)), ' ') + row.certainty;
  }
  text += '\n';
  for (std::size_t i = 1; i < lines.size(); ++i) text += std::string(name_width + 4, ' ') + lines[i] + '\n';
  return text;
}

}  // namespace

std::string to_text(const std::vector<ReportTable>& tables) {
  std::size_t name_width = 0;
  for (const auto& table : tables) {
    for (const auto& row : table.rows) name_width = std::max(name_width, width(row.name));
  }
  const auto rule = repeated("─", name_width + 4 + value_width + certainty_width) + "\n";
  std::string text;
  for (const auto& table : tables) {
    if (!text.empty()) text += '\n';
    text += printable(table.title) + '\n' + rule;
    for (const auto& row : table.rows) text += row_text(row, name_width);
  }
  return text;
}

}  // namespace punctum
