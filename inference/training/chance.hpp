#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace punctum {

/// Uniform in [0, 1), the same on every machine.
inline double chance(std::mt19937_64& random) { return static_cast<double>(random() >> 11) * 0x1p-53; }

/// Which of the shares was drawn; they need not sum to one. @param shares at least one, one of them above 0.
inline std::size_t drawn(const std::vector<double>& shares, std::mt19937_64& random) {
  double all = 0;
  for (const double share : shares) all += share;
  double left = chance(random) * all;
  for (std::size_t i = 0; i + 1 < shares.size(); ++i) {
    left -= shares[i];
    if (left < 0) return i;
  }
  return shares.size() - 1;
}

}  // namespace punctum
