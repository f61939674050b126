#include "node/tools/progress_line.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace punctum {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t bar_width = 30;

std::string time_text(double seconds) {
  const auto whole = std::llround(seconds);
  if (whole < 120) return std::to_string(whole) + " s";
  if (whole < 7200) return std::to_string(whole / 60) + " min";
  return std::to_string(whole / 3600) + " h";
}

}  // namespace

std::string progress_text(std::size_t done, std::size_t total, double seconds) {
  const double part = total == 0 ? 1 : std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  const auto filled = static_cast<std::size_t>(part * bar_width);
  std::string bar(filled, '=');
  if (filled < bar_width) bar += '>';
  bar.resize(bar_width, ' ');
  std::string text = "[" + bar + "] " + std::to_string(static_cast<int>(part * 100)) + " %  " + std::to_string(done) +
                     "/" + std::to_string(total);
  if (done == 0 || seconds <= 0) return text;
  const double rate = static_cast<double>(done) / seconds;
  text += "  " + std::to_string(std::llround(rate)) + "/s";
  if (done < total) text += "  " + time_text(static_cast<double>(total - done) / rate) + " left";
  return text;
}

ProgressLine::ProgressLine(std::string what, std::size_t total)
    : what_(std::move(what)), total_(total), terminal_(::isatty(STDERR_FILENO) == 1) {}

void ProgressLine::show(std::size_t done, const std::string& note) {
  const auto now = std::chrono::steady_clock::now();
  if (now - shown_ < (terminal_ ? 200ms : 10'000ms)) return;
  shown_ = now;
  const auto text =
      what_ + " " + progress_text(done, total_, std::chrono::duration<double>(now - start_).count()) + "  " + note;
  std::fprintf(stderr, terminal_ ? "\r%s\033[K" : "%s\n", text.c_str());
}

void ProgressLine::finish() {
  if (terminal_) std::fprintf(stderr, "\r\033[K");
}

}  // namespace punctum
