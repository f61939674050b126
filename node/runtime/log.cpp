#include "node/runtime/log.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <cmath>
#include <cstdio>

namespace punctum {
namespace {

/// Foreign text (a peer's comment, a file name) must not be able to forge a line or a key.
std::string quoted_if_needed(const std::string& value) {
  const bool plain = value.find_first_of(" \t\r\n\"=\\") == std::string::npos;
  if (plain) return value;
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      std::array<char, 8> code{};
      std::snprintf(code.data(), code.size(), "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
      out += code.data();
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string_view word_for(LogLevel level) {
  constexpr std::array<std::string_view, 4> words{"DEBUG", "INFO ", "WARN ", "ERROR"};
  return words[static_cast<std::size_t>(level)];
}

spdlog::level::level_enum spdlog_level(LogLevel level) {
  constexpr std::array levels{spdlog::level::debug, spdlog::level::info, spdlog::level::warn, spdlog::level::err};
  return levels[static_cast<std::size_t>(level)];
}

spdlog::logger& logger() {
  static const auto instance = [] {
    auto made = std::make_shared<spdlog::logger>("punctum", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_formatter(
        std::make_unique<spdlog::pattern_formatter>("%Y-%m-%dT%H:%M:%S.%eZ %v", spdlog::pattern_time_type::utc));
    made->set_level(spdlog::level::info);
    made->flush_on(spdlog::level::debug);
    return made;
  }();
  return *instance;
}

std::string padded(std::string_view text, std::size_t width) {
  std::string out(text);
  if (out.size() < width) out.append(width - out.size(), ' ');
  return out;
}

}  // namespace

LogField::LogField(std::string_view k, double v) : key(k) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), std::abs(v) < 10 ? "%.1f" : "%.0f", v);
  value = text.data();
}

std::string log_line(LogLevel level, std::string_view room, std::string_view event,
                     std::initializer_list<LogField> fields) {
  std::string line = std::string(word_for(level)) + " " + padded(room, 8) + " " + std::string(event);
  for (const auto& field : fields) {
    if (!field.value.empty()) line += " " + std::string(field.key) + "=" + quoted_if_needed(field.value);
  }
  return line;
}

void log_event(LogLevel level, std::string_view room, std::string_view event, std::initializer_list<LogField> fields) {
  if (!logger().should_log(spdlog_level(level))) return;
  logger().log(spdlog_level(level), spdlog::string_view_t(log_line(level, room, event, fields)));
}

void set_log_level(LogLevel least) { logger().set_level(spdlog_level(least)); }

}  // namespace punctum
