#pragma once

#include <cstdint>
#include <initializer_list>
#include <random>

namespace punctum::phantom {

/// Mixes 64 bits well (the finaliser of SplitMix64).
constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

/// Random numbers that are the same with every standard library: the engine is specified to the bit, the distributions
/// of <random> are not, so they are our own.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(mix(seed)) {}

  std::uint64_t bits() { return engine_(); }
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }  ///< [0, 1)
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  double log_uniform(double low, double high);
  double normal();  ///< mean 0, deviation 1 (sum of twelve uniforms: no tails beyond 6)
  bool chance(double p) { return uniform() < p; }
  int below(int n) { return static_cast<int>(uniform() * n); }
  int between(int low, int high) { return low + below(high - low + 1); }  ///< both included
  int weighted(std::initializer_list<double> weights);                    ///< index

 private:
  std::mt19937_64 engine_;
};

}  // namespace punctum::phantom
