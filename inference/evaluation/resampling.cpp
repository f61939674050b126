#include "inference/evaluation/resampling.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace punctum {
namespace {

constexpr std::uint64_t crossed_seed = 20261128;

void add(Sums& all, const Sums& one) {
  for (std::size_t i = 0; i < all.size(); ++i) all[i] += one[i];
}

std::vector<std::size_t> drawn_indices(std::size_t count, std::mt19937_64& random) {
  std::vector<std::size_t> indices(count);
  for (auto& index : indices) index = random() % count;
  return indices;
}

}  // namespace

CrossedEstimate estimate_crossed(const std::vector<std::vector<Sums>>& runs, const Statistic& statistic) {
  const std::size_t patients = runs.front().size();
  const Sums nothing(runs.front().front().size(), 0);
  Sums whole = nothing;
  for (const auto& run : runs) {
    for (const auto& patient : run) add(whole, patient);
  }
  std::mt19937_64 random(crossed_seed);
  std::vector<double> values;
  std::size_t below = 0, above = 0;
  for (int draw = 0; draw < bootstrap_draws; ++draw) {
    const auto chosen_runs = drawn_indices(runs.size(), random), chosen = drawn_indices(patients, random);
    Sums sum = nothing;
    for (const auto run : chosen_runs) {
      for (const auto patient : chosen) add(sum, runs[run][patient]);
    }
    const double value = statistic(sum);
    if (std::isnan(value)) continue;  // only patients were drawn of whom it is not known
    values.push_back(value);
    below += value <= 0, above += value >= 0;
  }
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  // One draw more on either side: a finite number of draws never proves p = 0.
  const double tail = (static_cast<double>(std::min(below, above)) + 1) / static_cast<double>(values.size() + 1);
  return {{statistic(whole), percentile(values, 0.025), percentile(values, 0.975), patients}, std::min(1.0, 2 * tail)};
}

}  // namespace punctum
