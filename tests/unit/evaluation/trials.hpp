#pragma once

#include <limits>
#include <string>
#include <vector>

#include "inference/evaluation/attribute_scores.hpp"

namespace punctum::test {

inline ClickOutcome outcome(double dice) {
  ClickOutcome made;
  made.dice = dice;
  made.hd95_mm = dice == 0 ? std::numeric_limits<double>::infinity() : 2;
  made.nsd = dice;
  made.stated_iou = made.iou();
  return made;
}

/// Answers that name these labels with this confidence.
inline Answers naming(const std::array<int, attribute_count>& labels, double confidence = 0.9) {
  Answers answers;
  for (std::size_t a = 0; a < attribute_count; ++a) {
    const auto count = attribute_vocabulary()[a].labels.size();
    answers.emplace_back(count, (1 - confidence) / static_cast<double>(count - 1));
    answers.back()[static_cast<std::size_t>(labels[a])] = confidence;
  }
  return answers;
}

inline CaseTrial trial(const std::string& id, const std::vector<double>& dices) {
  CaseTrial made;
  made.id = id;
  made.patient = id;
  made.type = "synthetic";
  made.group = "test";
  made.series = id;
  made.protocol = "jittered";
  made.volume_ml = 1;
  for (const double d : dices) made.outcomes.push_back(outcome(d));
  return made;
}

inline EvaluationRun run_of(std::vector<CaseTrial> trials, int clicks = 5) {
  EvaluationRun run;
  run.model = "ball";
  run.version = "1";
  run.digest = "0123456789abcdef";
  run.data = "made up";
  run.clicks = clicks;
  run.trials = std::move(trials);
  return run;
}

}  // namespace punctum::test
