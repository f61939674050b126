#include "inference/evaluation/study_measures.hpp"

#include <algorithm>
#include <cmath>
#include <format>
#include <numeric>

#include "inference/evaluation/click_scores.hpp"
#include "inference/evaluation/reliability.hpp"

namespace punctum {
namespace {

double mean_of_two(const Sums& sums) { return sums[0] / sums[1]; }

MeasureRule mask_measure(std::string name, bool more_is_better, std::function<double(const CaseTrial&)> value) {
  return {{std::move(name), true, more_is_better},
          [value = std::move(value)](const CaseTrial& t) { return Sums{value(t), 1}; },
          mean_of_two};
}

std::size_t labels_of(std::size_t attribute) { return attribute_vocabulary()[attribute].labels.size(); }

/// Right answers and lesions of every label: {right of label 0, 1, ..., lesions of label 0, 1, ...}. Without an answer
/// nothing is right.
Sums by_label(const CaseTrial& trial, std::size_t attribute) {
  const auto labels = labels_of(attribute);
  Sums sums(2 * labels, 0);
  const int label = trial.labels[attribute];
  if (label < 0) return sums;
  const auto& answers = trial.after(1).answers;
  const auto at = static_cast<std::size_t>(label);
  sums[at] = !answers.empty() && Answer{answers[attribute], label}.right() ? 1 : 0;
  sums[labels + at] = 1;
  return sums;
}

/// Of one attribute's sums from `from` on. Where no label is known there is no accuracy: not a number.
double accuracy(const Sums& sums, std::size_t from, std::size_t labels) {
  const auto begin = sums.begin() + static_cast<std::ptrdiff_t>(from),
             middle = begin + static_cast<std::ptrdiff_t>(labels);
  return std::accumulate(begin, middle, 0.0) /
         std::accumulate(middle, middle + static_cast<std::ptrdiff_t>(labels), 0.0);
}

/// Mean over the labels that occur.
double balanced(const Sums& sums, std::size_t from, std::size_t labels) {
  double sum = 0, occurring = 0;
  for (std::size_t i = from; i < from + labels; ++i) {
    if (sums[i + labels] <= 0) continue;
    sum += sums[i] / sums[i + labels];
    occurring += 1;
  }
  return sum / occurring;
}

using OfAttribute = double (*)(const Sums&, std::size_t, std::size_t);

MeasureRule attribute_measure(std::size_t attribute, const char* what, OfAttribute value) {
  return {{std::format("{} {}", attribute_vocabulary()[attribute].name, what), false, true},
          [attribute](const CaseTrial& t) { return by_label(t, attribute); },
          [attribute, value](const Sums& sums) { return value(sums, 0, labels_of(attribute)); }};
}

/// The mean over attributes with known labels, as in the paper's last column.
MeasureRule mean_measure(const char* what, OfAttribute value) {
  const auto count = [](const CaseTrial& t) {
    Sums all;
    for (std::size_t a = 0; a < attribute_count; ++a) {
      const auto one = by_label(t, a);
      all.insert(all.end(), one.begin(), one.end());
    }
    return all;
  };
  const auto statistic = [value](const Sums& sums) {
    double sum = 0, known = 0;
    for (std::size_t a = 0, at = 0; a < attribute_count; at += 2 * labels_of(a), ++a) {
      const double one = value(sums, at, labels_of(a));
      if (std::isnan(one)) continue;
      sum += one;
      known += 1;
    }
    return sum / known;
  };
  return {{std::format("mean {}", what), false, true}, count, statistic};
}

std::vector<MeasureRule> all_measures() {
  std::vector<MeasureRule> all;
  for (const int n : {1, 3, 5}) {
    all.push_back(mask_measure(std::format("DSC {}", n), true, [n](const CaseTrial& t) { return t.after(n).dice; }));
  }
  for (const int n : {1, 5}) {
    all.push_back(mask_measure(std::format("HD95 {}", n), false, [n](const CaseTrial& t) {
      const double distance = t.after(n).hd95_mm;
      return std::isfinite(distance) ? distance : empty_penalty_mm;
    }));
  }
  for (std::size_t a = 0; a < attribute_count; ++a) all.push_back(attribute_measure(a, "accuracy", accuracy));
  all.push_back(mean_measure("accuracy", accuracy));
  for (std::size_t a = 0; a < attribute_count; ++a) all.push_back(attribute_measure(a, "balanced accuracy", balanced));
  all.push_back(mean_measure("balanced accuracy", balanced));
  return all;
}

}  // namespace

const std::vector<MeasureRule>& study_measures() {
  static const auto all = all_measures();
  return all;
}

}  // namespace punctum
