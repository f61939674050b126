#pragma once

#include <chrono>
#include <cstdio>
#include <string>

namespace punctum {

/// Shows on standard error how far a long command is: a bar that is drawn again on a terminal, a line now and then
/// elsewhere. One thread.
class ProgressLine {
 public:
  ProgressLine(std::string what, std::size_t total);

  void show(std::size_t done, const std::string& note);
  void finish();  ///< ends the line on a terminal

 private:
  std::string what_;
  std::size_t total_;
  bool terminal_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now(), shown_{};
};

/// "[=====>     ]  45 %  450/1000  120/s  5 s left". Pure.
std::string progress_text(std::size_t done, std::size_t total, double seconds);

}  // namespace punctum
