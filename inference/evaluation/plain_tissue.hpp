#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "inference/evaluation/trial.hpp"

namespace punctum {

/// Two clicks into soft tissue or fat of one series, 15 mm or more from every lesion, each answered for itself. The
/// same seed and series give the same clicks; fewer where there is no such place. @throws ModelError, GeometryError
std::vector<PlainClick> click_plain_tissue(Segmenter& segmenter, const std::vector<EvaluationCase>& lesions,
                                           const std::string& series, std::uint64_t seed);

/// How much was marked where nothing is. All 0 without clicks.
struct PlainTissueScore {
  std::size_t clicks = 0, empty = 0;
  double median_ml = 0, upper_quartile_ml = 0, ninth_decile_ml = 0, largest_ml = 0;
};
PlainTissueScore score_plain_tissue(const std::vector<PlainClick>& clicks);

}  // namespace punctum
