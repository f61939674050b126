#pragma once

#include <string>

#include "inference/evaluation/report.hpp"

namespace punctum {

/// DSC over clicks, a line a protocol with its interval. SVG.
std::string click_curves(const EvaluationReport& report);
/// Stated against true probability of every attribute after the first click, before and after temperature. SVG.
std::string reliability_diagrams(const EvaluationReport& report);
/// Accuracy of the surest answers over their share, after the first click. SVG.
std::string risk_coverage_curves(const EvaluationReport& report);

}  // namespace punctum
