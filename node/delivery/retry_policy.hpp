#pragma once

#include <algorithm>
#include <chrono>

namespace punctum {

/// When a delivery that met a transient failure is tried again, and when it is given up. The defaults spread ten tries
/// over about two hours.
struct RetryPolicy {
  int attempts = 10;
  std::chrono::milliseconds first_delay{15000};
  std::chrono::milliseconds longest_delay{7200000};

  /// @param attempt the one that failed, from 1 on. Doubles from try to try.
  std::chrono::milliseconds delay_after(int attempt) const {
    return std::min(first_delay * (1L << std::clamp(attempt - 1, 0, 20)), longest_delay);
  }
};

}  // namespace punctum
