#include "inference/phantom/noise_field.hpp"

#include <array>

#include "inference/phantom/random.hpp"

namespace punctum::phantom {
namespace {

constexpr int period = 32;
using Lattice = std::array<float, period * period * period>;

const Lattice& lattice() {
  static const Lattice values = [] {
    Lattice made{};
    Random random(0x70756e6374756dULL);
    for (auto& v : made) v = static_cast<float>(random.normal());
    return made;
  }();
  return values;
}

// Interpolation between independent values lowers their variance, by 0.743 per axis with the weights below.
constexpr double restore_variance = 1.5617;

struct Cell {
  int low, high;
  double weight;
};

Cell locate(double t) {
  const double floor = std::floor(t);
  const double f = t - floor;
  const int low = static_cast<int>(static_cast<long long>(floor) & (period - 1));
  return {low, (low + 1) & (period - 1), f * f * (3 - 2 * f)};
}

double lerp(double a, double b, double t) { return a + (b - a) * t; }

}  // namespace

NoiseField::NoiseField(std::uint64_t seed, double cell_mm) : per_mm_(1 / cell_mm) {
  Random random(seed);
  offset_ = {random.uniform(0, period), random.uniform(0, period), random.uniform(0, period)};
}

double NoiseField::operator()(const Vec3& p) const {
  const Cell x = locate(p.x * per_mm_ + offset_.x), y = locate(p.y * per_mm_ + offset_.y),
             z = locate(p.z * per_mm_ + offset_.z);
  const float* values = lattice().data();
  const auto row = [&](int yi, int zi) {
    const float* line = values + (zi * period + yi) * period;
    return lerp(line[x.low], line[x.high], x.weight);
  };
  const double near = lerp(row(y.low, z.low), row(y.high, z.low), y.weight);
  const double far = lerp(row(y.low, z.high), row(y.high, z.high), y.weight);
  return lerp(near, far, z.weight) * restore_variance;
}

}  // namespace punctum::phantom
