#pragma once

#include <time.h>

#include <algorithm>
#include <vector>

namespace punctum::benchmark {

/// Time on the wall and time that this thread had a processor: on a machine that others use, too, only the second says
/// what the work itself costs. Milliseconds.
struct Times {
  double wall_ms = 0, cpu_ms = 0;
};

class Stopwatch {
 public:
  Times read() const { return {now(CLOCK_MONOTONIC) - wall_, now(CLOCK_THREAD_CPUTIME_ID) - cpu_}; }

 private:
  static double now(clockid_t clock) {
    timespec time{};
    ::clock_gettime(clock, &time);
    return 1e3 * static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_nsec);
  }
  double wall_ = now(CLOCK_MONOTONIC), cpu_ = now(CLOCK_THREAD_CPUTIME_ID);
};

/// @param share  0.95 for the 95th percentile
inline double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[std::min(values.size() - 1, static_cast<std::size_t>(share * static_cast<double>(values.size())))];
}

}  // namespace punctum::benchmark
