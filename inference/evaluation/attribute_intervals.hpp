#pragma once

#include <array>
#include <functional>

#include "inference/evaluation/click_scores.hpp"

namespace punctum {

/// A calibration error, and what it would be if every stated confidence were the true one: few answers a bin make an
/// error of their own, so 0 is never measured.
struct CalibrationError {
  double value = 0;
  double if_perfect = 0, if_perfect_high = 0;  ///< mean and 97.5th percentile of 2000 draws of what is right
  std::size_t count = 0;                       ///< answers
};

/// What is no share of the lesions; of one attribute, or the mean of all with known labels.
struct WholeSampleScores {
  Estimate balanced_accuracy;  ///< mean over the labels that occur; no answer is wrong. count: lesions with a label
  CalibrationError ece;
};
struct AttributeIntervals {
  std::array<WholeSampleScores, attribute_count> each;  ///< count 0 where no label is known
  WholeSampleScores mean;
};

/// Balanced accuracies by 2000 draws of patients, calibration errors by 2000 draws of which answers are right; the same
/// draws for all attributes, fixed seeds.
/// @param answers_of where a trial's answers are.
AttributeIntervals attribute_intervals(const TrialRefs& trials,
                                       const std::function<const Answers&(const CaseTrial&)>& answers_of);

}  // namespace punctum
