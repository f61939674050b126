#include "inference/phantom/random.hpp"

#include "inference/phantom/exact_math.hpp"

namespace punctum::phantom {

double Random::log_uniform(double low, double high) { return low * exact::exp(uniform() * exact::log(high / low)); }

double Random::normal() {
  double sum = 0;
  for (int i = 0; i < 12; ++i) sum += uniform();
  return sum - 6;
}

int Random::weighted(std::initializer_list<double> weights) {
  double total = 0;
  for (const double w : weights) total += w;
  double left = uniform() * total;
  int index = 0;
  for (const double w : weights) {
    if (left < w) return index;
    left -= w;
    ++index;
  }
  return index - 1;
}

}  // namespace punctum::phantom
