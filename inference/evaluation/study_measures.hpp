#pragma once

#include <vector>

#include "inference/evaluation/study_report.hpp"

namespace punctum {

/// A number of a study: what is counted of a lesion, and what follows from the sums.
struct MeasureRule {
  StudyMeasure said;
  std::function<Sums(const CaseTrial&)> count;
  Statistic statistic;
};

/// DSC after 1, 3, 5 clicks, HD95 after 1 and 5; accuracy and balanced accuracy of every attribute and their means.
const std::vector<MeasureRule>& study_measures();

}  // namespace punctum
