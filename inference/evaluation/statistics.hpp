#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace punctum {

/// A mean with its 95 % interval.
struct Estimate {
  double mean = 0, low = 0, high = 0;
  std::size_t count = 0;  ///< values that it rests on; 0: there are none, and the numbers say nothing
};

/// One measured value and whom it was measured on. Lesions of one patient resemble each other, so patients, not
/// lesions, are drawn again in the bootstrap; with one lesion a patient that is the ordinary one.
struct Observation {
  std::string patient;
  double value = 0;
};

inline constexpr int bootstrap_draws = 2000;

/// Mean and percentile bootstrap interval (2000 draws of patients, fixed seed: the same values, the same interval).
Estimate estimate_mean(const std::vector<Observation>& observations);

/// Numbers that say something of a whole sample and are no means of its lesions, such as a balanced accuracy. The
/// statistic is given the indices of lesions, some of them several times; not a number where it cannot say.
/// @return an estimate a number, with percentile intervals (2000 draws of patients, fixed seed).
using SampleStatistic = std::function<std::vector<double>(const std::vector<std::size_t>& lesions)>;
std::vector<Estimate> estimate_of_sample(const std::vector<std::string>& patients, const SampleStatistic& statistic);

/// Two results on the same lesions.
struct PairedObservation {
  std::string patient;
  double first = 0, second = 0;
};

struct PairedDifference {
  Estimate first, second, difference;  ///< second less first
  double p = 1;                        ///< two-sided: how often a drawn difference has the other sign, twice
};
PairedDifference compare_means(const std::vector<PairedObservation>& pairs);

/// A share of successes with Wilson's 95 % interval, which holds for few cases and for shares near 0 and 1.
Estimate estimate_share(std::size_t successes, std::size_t count);

/// Of ascending values, at least one, linearly interpolated. share: 0 to 1.
template <class Value>
double percentile(const std::vector<Value>& values, double share) {
  const double at = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const auto above = std::min(below + 1, values.size() - 1);
  return values[below] + (at - static_cast<double>(below)) * (values[above] - values[below]);
}

double median(std::vector<double> values);  ///< 0 of nothing
/// Correlation of ranks, ties sharing theirs. @return nothing if either does not vary.
std::optional<double> spearman(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace punctum
