#pragma once

#include <algorithm>
#include <cstddef>

namespace punctum {

/// Trilinear reading of a block of voxels, x fastest. Within half a voxel of its faces the outermost voxel counts;
/// further out, `outside`.
template <class Value>
struct VoxelReader {
  const Value* values = nullptr;
  int nx = 0, ny = 0, nz = 0;
  float outside = -1000;

  bool holds(double x, double y, double z) const {
    return x >= -0.5 && y >= -0.5 && z >= -0.5 && x <= nx - 0.5 && y <= ny - 0.5 && z <= nz - 0.5;
  }
  float at(double x, double y, double z) const { return holds(x, y, z) ? clamped(x, y, z) : outside; }

  /// The same, and beyond the faces the value of the nearest place on them.
  float clamped(double x, double y, double z) const {
    const Axis ax(x, nx), ay(y, ny), az(z, nz);
    return az.mix(plane(ax, ay, az.low), plane(ax, ay, az.high));
  }

 private:
  struct Axis {
    Axis(double v, int count) {
      const double inside = std::clamp(v, 0.0, static_cast<double>(count - 1));
      low = static_cast<int>(inside);
      high = std::min(low + 1, count - 1);
      share = static_cast<float>(inside - low);
    }
    float mix(float a, float b) const { return a + share * (b - a); }
    int low, high;
    float share;
  };
  float plane(const Axis& x, const Axis& y, int z) const {
    const Value* low = row(y.low, z);
    const Value* high = row(y.high, z);
    return y.mix(x.mix(static_cast<float>(low[x.low]), static_cast<float>(low[x.high])),
                 x.mix(static_cast<float>(high[x.low]), static_cast<float>(high[x.high])));
  }
  const Value* row(int y, int z) const {
    return values + (static_cast<std::ptrdiff_t>(z) * ny + y) * static_cast<std::ptrdiff_t>(nx);
  }
};

}  // namespace punctum
