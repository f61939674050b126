#pragma once

#include <array>
#include <vector>

#include "inference/evaluation/attribute_intervals.hpp"
#include "inference/evaluation/click_scores.hpp"
#include "inference/evaluation/reliability.hpp"

namespace punctum {

/// One attribute over all lesions whose label is known, beside what always naming the commonest label would reach.
struct AttributeScore {
  Attribute attribute = Attribute::shape;
  std::size_t known = 0;     ///< lesions with a label
  std::size_t answered = 0;  ///< of these, with an answer; where nothing was segmented there is none, which is wrong
  Estimate accuracy;         ///< Wilson's interval
  double majority = 0;       ///< accuracy of the commonest label
  WholeSampleScores whole;   ///< balanced accuracy; ECE at the manifest's temperature
  double chance = 0;         ///< balanced accuracy of guessing
  double macro_f1 = 0;       ///< over labels that occur or are named
  std::vector<std::vector<std::size_t>> confusion;  ///< [true label][named label]; no answer is in neither
  Reliability raw, calibrated;                      ///< at temperature 1; at the manifest's
  RiskPoint selective;                              ///< at the manifest's abstention threshold
  std::vector<RiskPoint> risk;                      ///< accuracy over the share of answers given
};

struct AttributeScores {
  int clicks = 1;
  std::vector<AttributeScore> each;             ///< none if no lesion was answered
  double mean_accuracy = 0, mean_majority = 0;  ///< of attributes with labels
  WholeSampleScores mean_whole;                 ///< likewise
  Estimate all_five;  ///< share of lesions with every attribute right, of those with all labels known
};

/// @param given_truth instead of the answers after so many clicks, those with the true mask as the last round's.
AttributeScores score_attributes(const EvaluationRun& run, const TrialRefs& trials, int clicks,
                                 bool given_truth = false);

/// Answers of one attribute where label and answer are there.
std::vector<Answer> answers_after(const TrialRefs& trials, Attribute attribute, int clicks);

}  // namespace punctum
