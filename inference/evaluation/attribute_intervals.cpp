#include "inference/evaluation/attribute_intervals.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "inference/evaluation/reliability.hpp"

namespace punctum {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

/// One attribute of one lesion.
struct Outcome {
  int label = -1;  ///< -1: unknown
  bool answered = false;
  Judged judged{};
};
using Outcomes = std::vector<Outcome>;  ///< a trial each

Outcomes outcomes_of(const TrialRefs& trials, std::size_t attribute,
                     const std::function<const Answers&(const CaseTrial&)>& answers_of) {
  Outcomes outcomes;
  for (const auto* trial : trials) {
    auto& one = outcomes.emplace_back(Outcome{trial->labels[attribute]});
    const auto& answers = answers_of(*trial);
    if (one.label < 0 || answers.empty()) continue;
    const Answer answer{answers[attribute], one.label};
    one.answered = true;
    one.judged = {answer.confidence(), answer.right()};
  }
  return outcomes;
}

double balanced_accuracy(const Outcomes& outcomes, const std::vector<std::size_t>& lesions) {
  std::vector<double> right, occurs;
  for (const auto i : lesions) {
    const auto& one = outcomes[i];
    if (one.label < 0) continue;
    const auto label = static_cast<std::size_t>(one.label);
    if (label >= occurs.size()) right.resize(label + 1), occurs.resize(label + 1);
    occurs[label] += 1;
    right[label] += one.answered && one.judged.right ? 1 : 0;
  }
  double sum = 0, labels = 0;
  for (std::size_t label = 0; label < occurs.size(); ++label) {
    if (occurs[label] == 0) continue;
    sum += right[label] / occurs[label];
    labels += 1;
  }
  return labels == 0 ? unknown : sum / labels;
}

double ece(const Outcomes& outcomes, const std::vector<std::size_t>& lesions) {
  std::vector<Judged> judged;
  for (const auto i : lesions) {
    if (outcomes[i].answered) judged.push_back(outcomes[i].judged);
  }
  return judged.empty() ? unknown : calibration_error(equal_mass_bins(std::move(judged)));
}

using Measure = double (*)(const Outcomes&, const std::vector<std::size_t>&);

/// All attributes' numbers, then their mean.
void add_numbers(const std::vector<Outcomes>& attributes, const std::vector<std::size_t>& lesions, Measure measure,
                 std::vector<double>& numbers) {
  double sum = 0, known = 0;
  for (const auto& outcomes : attributes) {
    numbers.push_back(measure(outcomes, lesions));
    if (std::isnan(numbers.back())) continue;
    sum += numbers.back();
    known += 1;
  }
  numbers.push_back(known == 0 ? unknown : sum / known);
}

Estimate turned_over(const Estimate& e) {
  return {e.mean, std::max(0.0, 2 * e.mean - e.high), std::max(e.mean, 2 * e.mean - e.low), e.count};
}

}  // namespace

AttributeIntervals attribute_intervals(const TrialRefs& trials,
                                       const std::function<const Answers&(const CaseTrial&)>& answers_of) {
  std::vector<std::string> patients;
  for (const auto* trial : trials) patients.push_back(trial->patient);
  std::vector<Outcomes> attributes;
  for (std::size_t a = 0; a < attribute_count; ++a) attributes.push_back(outcomes_of(trials, a, answers_of));
  const auto estimates = estimate_of_sample(patients, [&](const std::vector<std::size_t>& lesions) {
    std::vector<double> numbers;
    add_numbers(attributes, lesions, balanced_accuracy, numbers);
    add_numbers(attributes, lesions, ece, numbers);
    return numbers;
  });
  AttributeIntervals intervals;
  if (estimates.empty()) return intervals;
  constexpr auto of_ece = attribute_count + 1;
  for (std::size_t a = 0; a < attribute_count; ++a) {
    intervals.each[a] = {estimates[a], turned_over(estimates[of_ece + a])};
  }
  intervals.mean = {estimates[attribute_count], turned_over(estimates[of_ece + attribute_count])};
  return intervals;
}

}  // namespace punctum
