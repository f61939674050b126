#pragma once

#include <cstdint>

#include "inference/phantom/space.hpp"

namespace punctum::phantom {

/// Smooth random values in space: zero mean, unit variance, one octave of value noise. Periodic after 32 cells.
class NoiseField {
 public:
  NoiseField() : NoiseField(0, 1) {}
  NoiseField(std::uint64_t seed, double cell_mm);
  double operator()(const Vec3& p) const;

 private:
  Vec3 offset_;  ///< in cells
  double per_mm_;
};

}  // namespace punctum::phantom
