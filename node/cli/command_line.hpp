#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace punctum::cli {

/// A word as a shell takes it.
inline std::string shell_word(const std::string& text) {
  constexpr auto plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,=+@%";
  if (!text.empty() && text.find_first_not_of(plain) == std::string::npos) return text;
  std::string word = "'";
  for (const char c : text) {
    if (c == '\'') {
      word += "'\\''";
    } else {
      word += c;
    }
  }
  return word + "'";
}

/// What was typed of a subcommand, options in the order of their declaration: "punctum train --config a.json --steps
/// 50". For manifests: CLI11's own text of a command is a configuration file, which no shell takes.
inline std::string command_line_of(const CLI::App& command) {
  std::string line = "punctum " + command.get_name();
  for (const auto* option : command.get_options()) {
    if (option->count() == 0) continue;
    line += " " + option->get_name();
    if (option->get_expected_max() == 0) continue;  // a flag
    for (const auto& value : option->results()) line += " " + shell_word(value);
  }
  return line;
}

}  // namespace punctum::cli
