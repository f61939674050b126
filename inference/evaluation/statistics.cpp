#include "inference/evaluation/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <random>

namespace punctum {
namespace {

constexpr std::uint64_t bootstrap_seed = 20260301;

struct PatientSum {
  double sum = 0, count = 0;
};

std::vector<PatientSum> sums_by_patient(const std::vector<Observation>& observations) {
  std::map<std::string, PatientSum> sums;
  for (const auto& observation : observations) {
    auto& patient = sums[observation.patient];
    patient.sum += observation.value;
    patient.count += 1;
  }
  std::vector<PatientSum> list;
  for (const auto& [name, sum] : sums) list.push_back(sum);
  return list;
}

/// Means of as many patients as there are, drawn with replacement, in ascending order.
std::vector<double> drawn_means(const std::vector<PatientSum>& patients) {
  std::mt19937_64 random(bootstrap_seed);
  std::vector<double> means;
  means.reserve(bootstrap_draws);
  for (int draw = 0; draw < bootstrap_draws; ++draw) {
    PatientSum all;
    for (std::size_t i = 0; i < patients.size(); ++i) {
      const auto& patient = patients[random() % patients.size()];
      all.sum += patient.sum;
      all.count += patient.count;
    }
    means.push_back(all.sum / all.count);
  }
  std::sort(means.begin(), means.end());
  return means;
}

std::vector<std::size_t> every_lesion(std::size_t count) {
  std::vector<std::size_t> all(count);
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

std::vector<std::vector<std::size_t>> lesions_by_patient(const std::vector<std::string>& patients) {
  std::map<std::string, std::vector<std::size_t>> by_name;
  for (std::size_t i = 0; i < patients.size(); ++i) by_name[patients[i]].push_back(i);
  std::vector<std::vector<std::size_t>> groups;
  for (auto& [name, lesions] : by_name) groups.push_back(std::move(lesions));
  return groups;
}

/// [number]: its values in all draws that say it, ascending.
std::vector<std::vector<double>> drawn_numbers(const std::vector<std::vector<std::size_t>>& patients, std::size_t count,
                                               const SampleStatistic& statistic) {
  std::mt19937_64 random(bootstrap_seed);
  std::vector<std::vector<double>> drawn(count);
  std::vector<std::size_t> lesions;
  for (int draw = 0; draw < bootstrap_draws; ++draw) {
    lesions.clear();
    for (std::size_t i = 0; i < patients.size(); ++i) {
      const auto& one = patients[random() % patients.size()];
      lesions.insert(lesions.end(), one.begin(), one.end());
    }
    const auto numbers = statistic(lesions);
    for (std::size_t i = 0; i < count; ++i) {
      if (!std::isnan(numbers[i])) drawn[i].push_back(numbers[i]);
    }
  }
  for (auto& numbers : drawn) std::ranges::sort(numbers);
  return drawn;
}

double mean_of(const std::vector<Observation>& observations) {
  return std::accumulate(observations.begin(), observations.end(), 0.0,
                         [](double sum, const auto& o) { return sum + o.value; }) /
         static_cast<double>(observations.size());
}

std::vector<double> ranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> rank(values.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t end = i;
    while (end < order.size() && values[order[end]] == values[order[i]]) ++end;
    for (std::size_t k = i; k < end; ++k) rank[order[k]] = 0.5 * static_cast<double>(i + end - 1);
    i = end;
  }
  return rank;
}

}  // namespace

Estimate estimate_mean(const std::vector<Observation>& observations) {
  if (observations.empty()) return {};
  const auto means = drawn_means(sums_by_patient(observations));
  return {mean_of(observations), percentile(means, 0.025), percentile(means, 0.975), observations.size()};
}

std::vector<Estimate> estimate_of_sample(const std::vector<std::string>& patients, const SampleStatistic& statistic) {
  if (patients.empty()) return {};
  const auto values = statistic(every_lesion(patients.size()));
  const auto drawn = drawn_numbers(lesions_by_patient(patients), values.size(), statistic);
  std::vector<Estimate> estimates(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i]) || drawn[i].empty()) continue;
    estimates[i] = {values[i], percentile(drawn[i], 0.025), percentile(drawn[i], 0.975), patients.size()};
  }
  return estimates;
}

PairedDifference compare_means(const std::vector<PairedObservation>& pairs) {
  if (pairs.empty()) return {};
  std::vector<Observation> first, second, difference;
  for (const auto& pair : pairs) {
    first.push_back({pair.patient, pair.first});
    second.push_back({pair.patient, pair.second});
    difference.push_back({pair.patient, pair.second - pair.first});
  }
  const auto means = drawn_means(sums_by_patient(difference));
  const auto below = std::count_if(means.begin(), means.end(), [](double m) { return m <= 0; });
  const auto above = std::count_if(means.begin(), means.end(), [](double m) { return m >= 0; });
  // One draw more on either side: a finite number of draws never proves p = 0.
  const double tail = (static_cast<double>(std::min(below, above)) + 1) / (bootstrap_draws + 1);
  return {estimate_mean(first), estimate_mean(second), estimate_mean(difference), std::min(1.0, 2 * tail)};
}

Estimate estimate_share(std::size_t successes, std::size_t count) {
  if (count == 0) return {};
  constexpr double z = 1.959963984540054;
  const auto n = static_cast<double>(count);
  const double share = static_cast<double>(successes) / n;
  const double middle = (share + z * z / (2 * n)) / (1 + z * z / n);
  const double half = z / (1 + z * z / n) * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n));
  return {share, std::max(0.0, middle - half), std::min(1.0, middle + half), count};
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return percentile(values, 0.5);
}

std::optional<double> spearman(const std::vector<double>& a, const std::vector<double>& b) {
  const auto x = ranks(a), y = ranks(b);
  const double middle = 0.5 * (static_cast<double>(x.size()) - 1);
  double xy = 0, xx = 0, yy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - middle) * (y[i] - middle);
    xx += (x[i] - middle) * (x[i] - middle);
    yy += (y[i] - middle) * (y[i] - middle);
  }
  if (xx <= 0 || yy <= 0) return {};
  return xy / std::sqrt(xx * yy);
}

}  // namespace punctum
