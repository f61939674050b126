#pragma once

#include <cstddef>
#include <vector>

namespace punctum {

/// One answer: a probability per label, and the label that is true.
struct Answer {
  std::vector<double> probabilities;
  int label = 0;

  std::size_t best() const;
  double confidence() const { return probabilities[best()]; }
  bool right() const { return static_cast<int>(best()) == label; }
};

/// Answers of like confidence.
struct ReliabilityBin {
  double confidence = 0, accuracy = 0;  ///< means
  std::size_t count = 0;
};

/// An answer as far as calibration goes.
struct Judged {
  double confidence = 0;
  bool right = false;
};
/// Of equal mass, 15 of them, fewer where there are fewer answers.
std::vector<ReliabilityBin> equal_mass_bins(std::vector<Judged> answers);
/// How far accuracy is from confidence, mean over answers (ECE). 0 of none.
double calibration_error(const std::vector<ReliabilityBin>& bins);

/// How far stated probabilities are from what comes true.
struct Reliability {
  double ece = 0;    ///< expected calibration error over the bins
  double brier = 0;  ///< squared error summed over labels
  double nll = 0;    ///< negative log likelihood, nats
  std::vector<ReliabilityBin> bins;
};
/// Over equal_mass_bins. With n answers a perfect model still shows an error of some 0.4 / sqrt(n / 15).
Reliability measure_reliability(const std::vector<Answer>& answers);

/// The same answers as they would be at another temperature: soft-max of log p * from / to.
std::vector<Answer> at_temperature(const std::vector<Answer>& answers, double from, double to);

/// That by which logits must be divided for the labels to be likeliest, within 0.2 and 10: the loss has one minimum
/// over log T, found by golden section. Answers as given at temperature `from`.
double fit_temperature(const std::vector<Answer>& answers, double from);

/// What is left if only the surest answers are given.
struct RiskPoint {
  double coverage = 0;   ///< share of answers given
  double accuracy = 0;   ///< of these
  double threshold = 0;  ///< the least confidence among them
};
/// From the surest answer to all of them; equal confidences enter together.
std::vector<RiskPoint> risk_coverage(const std::vector<Answer>& answers);
/// Accuracy wanted of the answers that are given.
inline constexpr double wanted_selective_accuracy = 0.9;
/// The lowest confidence at which answers are right at least so often. 0: all of them are; 1: no threshold makes at
/// least `fewest` answers so sure, so every answer stays below it.
double abstention_threshold(const std::vector<Answer>& answers, double accuracy = wanted_selective_accuracy,
                            std::size_t fewest = 20);
/// Of answers at or above a threshold.
RiskPoint at_threshold(const std::vector<Answer>& answers, double threshold);

}  // namespace punctum
