#include "node/runtime/clock.hpp"

#include <array>
#include <cstdio>
#include <ctime>

namespace punctum {
namespace {

std::string formatted(const std::tm& time, const char* format) {
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &time)};
}

std::string padded(std::int64_t number, int digits) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%0*lld", digits, static_cast<long long>(number));
  return text.data();
}

}  // namespace

Clock system_clock() {
  return [] {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::int64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  };
}

DicomDateTime local_date_time(std::int64_t utc_ms) {
  const std::time_t seconds = utc_ms / 1000;
  std::tm local{};
  localtime_r(&seconds, &local);
  return {formatted(local, "%Y%m%d"), formatted(local, "%H%M%S") + "." + padded(utc_ms % 1000 * 1000, 6)};
}

std::string iso_utc(std::int64_t utc_ms) {
  const std::time_t seconds = utc_ms / 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return formatted(utc, "%Y-%m-%dT%H:%M:%S") + "." + padded(utc_ms % 1000, 3) + "Z";
}

}  // namespace punctum
