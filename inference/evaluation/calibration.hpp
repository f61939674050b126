#pragma once

#include <array>
#include <filesystem>

#include "inference/evaluation/attribute_scores.hpp"

namespace punctum {

inline constexpr int calibrated_clicks = 5;
inline constexpr std::size_t fewest_answers = 100;

/// What one attribute's probabilities need, and what they then are worth on the lesions that it was fitted on.
struct AttributeCalibration {
  double temperature = 1;
  double abstain_below = 0;  ///< for answers that are right nine times in ten; 0: all are; 1: no threshold does it
  std::size_t answers = 0;
  Reliability before, after;  ///< at temperature 1 and at the fitted one
  RiskPoint selective;

  bool is_fitted() const { return answers >= fewest_answers; }  ///< else temperature and threshold are those of before
};

struct Calibration {
  std::array<AttributeCalibration, attribute_count> attributes;
  std::size_t lesions = 0;
};

/// Fits temperature, then threshold, of every attribute on the answers after clicks 1 to 5 of the headline protocol:
/// the node reports after each. The lesions must be those of neither training nor test.
/// An attribute with fewer than 100 answers of known label keeps what it has.
/// @throws ModelError if that is every one of them.
Calibration fit_calibration(const EvaluationRun& run);

/// Puts temperatures, `abstain_below` and a `calibration` section that says what they were fitted on into a model's
/// manifest; the rest of it stays as it is. Written beside and renamed. @throws StorageError, ModelError
void write_calibration(const std::filesystem::path& manifest, const Calibration& calibration, const EvaluationRun& run);

}  // namespace punctum
