#pragma once

#include <array>
#include <functional>

#include "inference/evaluation/click_scores.hpp"

namespace punctum {

/// What is no share of the lesions, with intervals; of one attribute, or the mean of all with known labels.
struct WholeSampleScores {
  Estimate balanced_accuracy;  ///< mean over the labels that occur; no answer is wrong
  Estimate ece;                ///< of what was answered
};
struct AttributeIntervals {
  std::array<WholeSampleScores, attribute_count> each;  ///< count 0 where no label is known
  WholeSampleScores mean;
};

/// By 2000 draws of patients, the same for all attributes. Balanced accuracies have percentile intervals. Of
/// calibration errors the draws are higher than the sample, as the sample is higher than the truth: few answers a bin
/// make an error of their own. Their interval is therefore turned over the value, [2 v - high, 2 v - low], from 0 on;
/// where the draws are all higher than the value it ends at the value.
/// @param answers_of where a trial's answers are.
AttributeIntervals attribute_intervals(const TrialRefs& trials,
                                       const std::function<const Answers&(const CaseTrial&)>& answers_of);

}  // namespace punctum
