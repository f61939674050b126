#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>

/// Elementary functions from additions and products only. The C library chooses its code by processor, and the last
/// bit may differ; a phantom must not. Relative error below 1e-10 (acos: 7e-5 absolute). sqrt is exact by IEEE 754.
namespace punctum::phantom::exact {

inline double exp(double x) {
  if (x < -700) return 0;
  const double k = std::floor(x / std::numbers::ln2 + 0.5);
  const double r = x - k * std::numbers::ln2;
  double term = 1, sum = 1;
  for (int i = 1; i < 14; ++i) {
    term *= r / i;
    sum += term;
  }
  return sum * std::bit_cast<double>(static_cast<std::uint64_t>(static_cast<std::int64_t>(k) + 1023) << 52);
}

inline double log(double x) {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  const auto exponent = static_cast<int>(bits >> 52) - 1023;
  const double m = std::bit_cast<double>((bits & 0x000fffffffffffffULL) | 0x3ff0000000000000ULL);  // [1, 2)
  const double t = (m - std::numbers::sqrt2) / (m + std::numbers::sqrt2);
  double power = t, sum = 0;
  for (int i = 1; i < 26; i += 2) {
    sum += power / i;
    power *= t * t;
  }
  return 2 * sum + (exponent + 0.5) * std::numbers::ln2;
}

inline double sin(double x) {
  const double k = std::floor(x / std::numbers::pi + 0.5);
  const double r = x - k * std::numbers::pi;
  double term = r, sum = r;
  for (int i = 3; i < 20; i += 2) {
    term *= -r * r / (i * (i - 1));
    sum += term;
  }
  return static_cast<std::int64_t>(k) % 2 == 0 ? sum : -sum;
}

inline double cos(double x) { return sin(x + std::numbers::pi / 2); }

inline double acos(double x) {
  const double a = x < 0 ? -x : x;
  if (a >= 1) return x < 0 ? std::numbers::pi : 0;
  const double y = std::sqrt(1 - a) * (1.5707288 + a * (-0.2121144 + a * (0.0742610 - 0.0187293 * a)));
  return x < 0 ? std::numbers::pi - y : y;
}

inline double cube_root(double x) { return x <= 0 ? 0 : exp(log(x) / 3); }

}  // namespace punctum::phantom::exact
