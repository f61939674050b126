#include "inference/evaluation/attribute_intervals.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <utility>

#include "inference/evaluation/reliability.hpp"

namespace punctum {
namespace {

constexpr std::uint64_t perfect_seed = 20261130;
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

/// All attributes' numbers, then their mean.
std::vector<double> with_mean(std::vector<double> numbers) {
  double sum = 0, known = 0;
  for (const double number : numbers) {
    if (std::isnan(number)) continue;
    sum += number;
    known += 1;
  }
  numbers.push_back(known == 0 ? unknown : sum / known);
  return numbers;
}

std::vector<Judged> judged_of(const Outcomes& outcomes) {
  std::vector<Judged> judged;
  for (const auto& one : outcomes) {
    if (one.answered) judged.push_back(one.judged);
  }
  return judged;
}

using Answered = std::vector<std::vector<Judged>>;  ///< by attribute

std::vector<double> errors_of(const Answered& attributes) {
  std::vector<double> errors;
  for (const auto& judged : attributes) {
    errors.push_back(judged.empty() ? unknown : calibration_error(equal_mass_bins(judged)));
  }
  return with_mean(std::move(errors));
}

/// The same answers, each right as often as it says.
void draw_what_is_right(Answered& attributes, std::mt19937_64& random) {
  for (auto& judged : attributes) {
    for (auto& one : judged) one.right = static_cast<double>(random() >> 11) * 0x1p-53 < one.confidence;
  }
}

/// Each attribute's, then their mean.
std::vector<CalibrationError> calibration_errors(Answered attributes) {
  const auto found = errors_of(attributes);
  std::vector<std::size_t> answers;
  for (const auto& judged : attributes) answers.push_back(judged.size());
  answers.push_back(std::accumulate(answers.begin(), answers.end(), std::size_t{0}));
  std::vector<std::vector<double>> drawn(found.size());
  std::mt19937_64 random(perfect_seed);
  for (int draw = 0; draw < bootstrap_draws; ++draw) {
    draw_what_is_right(attributes, random);
    const auto numbers = errors_of(attributes);
    for (std::size_t i = 0; i < numbers.size(); ++i) drawn[i].push_back(numbers[i]);
  }
  std::vector<CalibrationError> errors(found.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (answers[i] == 0) continue;
    std::ranges::sort(drawn[i]);
    const double mean = std::accumulate(drawn[i].begin(), drawn[i].end(), 0.0) / bootstrap_draws;
    errors[i] = {found[i], mean, percentile(drawn[i], 0.975), answers[i]};
  }
  return errors;
}

/// Each attribute's, then their mean.
std::vector<Estimate> balanced_accuracies(const TrialRefs& trials, const std::vector<Outcomes>& attributes) {
  std::vector<std::string> patients;
  for (const auto* trial : trials) patients.push_back(trial->patient);
  auto balanced = estimate_of_sample(patients, [&](const std::vector<std::size_t>& lesions) {
    std::vector<double> numbers;
    for (const auto& outcomes : attributes) numbers.push_back(balanced_accuracy(outcomes, lesions));
    return with_mean(std::move(numbers));
  });
  const auto has_label = [](const Outcome& one) { return one.label >= 0; };
  for (std::size_t a = 0; a < attributes.size(); ++a) {
    balanced[a].count = static_cast<std::size_t>(std::ranges::count_if(attributes[a], has_label));
  }
  return balanced;
}

}  // namespace

AttributeIntervals attribute_intervals(const TrialRefs& trials,
                                       const std::function<const Answers&(const CaseTrial&)>& answers_of) {
  AttributeIntervals intervals;
  if (trials.empty()) return intervals;
  std::vector<Outcomes> attributes;
  Answered answered;
  for (std::size_t a = 0; a < attribute_count; ++a) {
    attributes.push_back(outcomes_of(trials, a, answers_of));
    answered.push_back(judged_of(attributes.back()));
  }
  const auto balanced = balanced_accuracies(trials, attributes);
  const auto errors = calibration_errors(std::move(answered));
  for (std::size_t a = 0; a < attribute_count; ++a) intervals.each[a] = {balanced[a], errors[a]};
  intervals.mean = {balanced.back(), errors.back()};
  return intervals;
}

}  // namespace punctum
