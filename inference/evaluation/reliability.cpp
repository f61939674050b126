#include "inference/evaluation/reliability.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

namespace punctum {
namespace {

constexpr std::size_t bin_count = 15;
constexpr double least_probability = 1e-9;

std::vector<Answer> surest_first(std::vector<Answer> answers) {
  std::ranges::stable_sort(answers, std::ranges::greater{}, &Answer::confidence);
  return answers;
}

double likelihood_loss(const std::vector<Answer>& answers) {
  double sum = 0;
  for (const auto& answer : answers) {
    sum -= std::log(std::max(least_probability, answer.probabilities[static_cast<std::size_t>(answer.label)]));
  }
  return sum / static_cast<double>(answers.size());
}

double brier_score(const std::vector<Answer>& answers) {
  double sum = 0;
  for (const auto& answer : answers) {
    for (std::size_t label = 0; label < answer.probabilities.size(); ++label) {
      const double wanted = static_cast<int>(label) == answer.label ? 1 : 0;
      sum += (answer.probabilities[label] - wanted) * (answer.probabilities[label] - wanted);
    }
  }
  return sum / static_cast<double>(answers.size());
}

ReliabilityBin bin_of(const std::vector<Judged>& sorted, std::size_t from, std::size_t to) {
  ReliabilityBin bin;
  for (std::size_t i = from; i < to; ++i) {
    bin.confidence += sorted[i].confidence;
    bin.accuracy += sorted[i].right ? 1 : 0;
  }
  bin.count = to - from;
  bin.confidence /= static_cast<double>(bin.count);
  bin.accuracy /= static_cast<double>(bin.count);
  return bin;
}

Answer softened(const Answer& answer, double exponent) {
  Answer made{{}, answer.label};
  double greatest = -1e300, sum = 0;
  for (const double p : answer.probabilities) {
    made.probabilities.push_back(std::log(std::max(least_probability, p)) * exponent);
    greatest = std::max(greatest, made.probabilities.back());
  }
  for (double& p : made.probabilities) sum += p = std::exp(p - greatest);
  for (double& p : made.probabilities) p /= sum;
  return made;
}

}  // namespace

std::size_t Answer::best() const {
  return static_cast<std::size_t>(std::max_element(probabilities.begin(), probabilities.end()) - probabilities.begin());
}

std::vector<ReliabilityBin> equal_mass_bins(std::vector<Judged> answers) {
  std::ranges::stable_sort(answers, {}, &Judged::confidence);
  const auto count = std::min(bin_count, answers.size());
  std::vector<ReliabilityBin> bins;
  for (std::size_t b = 0; b < count; ++b) {
    bins.push_back(bin_of(answers, b * answers.size() / count, (b + 1) * answers.size() / count));
  }
  return bins;
}

double calibration_error(const std::vector<ReliabilityBin>& bins) {
  double sum = 0, answers = 0;
  for (const auto& bin : bins) {
    sum += std::abs(bin.accuracy - bin.confidence) * static_cast<double>(bin.count);
    answers += static_cast<double>(bin.count);
  }
  return answers == 0 ? 0 : sum / answers;
}

Reliability measure_reliability(const std::vector<Answer>& answers) {
  Reliability reliability;
  if (answers.empty()) return reliability;
  reliability.nll = likelihood_loss(answers);
  reliability.brier = brier_score(answers);
  std::vector<Judged> judged;
  for (const auto& answer : answers) judged.push_back({answer.confidence(), answer.right()});
  reliability.bins = equal_mass_bins(std::move(judged));
  reliability.ece = calibration_error(reliability.bins);
  return reliability;
}

std::vector<Answer> at_temperature(const std::vector<Answer>& answers, double from, double to) {
  std::vector<Answer> made;
  made.reserve(answers.size());
  for (const auto& answer : answers) made.push_back(softened(answer, from / to));
  return made;
}

double fit_temperature(const std::vector<Answer>& answers, double from) {
  const auto loss = [&](double log_t) { return likelihood_loss(at_temperature(answers, from, std::exp(log_t))); };
  constexpr double golden = 0.6180339887498949;
  double low = std::log(0.2), high = std::log(10.0);
  double a = high - golden * (high - low), b = low + golden * (high - low);
  double loss_a = loss(a), loss_b = loss(b);
  while (high - low > 1e-4) {
    if (loss_a < loss_b) {
      high = b, b = a, loss_b = loss_a;
      a = high - golden * (high - low), loss_a = loss(a);
    } else {
      low = a, a = b, loss_a = loss_b;
      b = low + golden * (high - low), loss_b = loss(b);
    }
  }
  return std::round(std::exp(0.5 * (low + high)) * 1000) / 1000;
}

std::vector<RiskPoint> risk_coverage(const std::vector<Answer>& answers) {
  const auto sorted = surest_first(answers);
  std::vector<RiskPoint> points;
  std::size_t right = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    right += sorted[i].right();
    if (i + 1 < sorted.size() && sorted[i + 1].confidence() == sorted[i].confidence()) continue;
    const auto given = static_cast<double>(i + 1);
    points.push_back(
        {given / static_cast<double>(sorted.size()), static_cast<double>(right) / given, sorted[i].confidence()});
  }
  return points;
}

double abstention_threshold(const std::vector<Answer>& answers, double accuracy, std::size_t fewest) {
  const auto points = risk_coverage(answers);
  if (!points.empty() && points.back().accuracy >= accuracy) return 0;
  double threshold = 1;
  for (const auto& point : points) {
    const bool enough = point.coverage * static_cast<double>(answers.size()) >= static_cast<double>(fewest) - 0.5;
    if (enough && point.accuracy >= accuracy) threshold = point.threshold;
  }
  return std::floor(threshold * 10000) / 10000;
}

RiskPoint at_threshold(const std::vector<Answer>& answers, double threshold) {
  std::size_t given = 0, right = 0;
  for (const auto& answer : answers) {
    if (answer.confidence() < threshold) continue;
    ++given;
    right += answer.right();
  }
  if (answers.empty()) return {0, 0, threshold};
  return {static_cast<double>(given) / static_cast<double>(answers.size()),
          given == 0 ? 0 : static_cast<double>(right) / static_cast<double>(given), threshold};
}

}  // namespace punctum
