#pragma once

#include <memory>
#include <vector>

#include "inference/segmenter.hpp"

namespace punctum {

/// A model or a baseline, ready to be measured.
struct EvaluatedModel {
  std::unique_ptr<Segmenter> segmenter;
  std::vector<double> temperatures, abstain_below;  ///< of its manifest, one an attribute
  bool marks = true;                                ///< false: its masks are empty and mean nothing
};

/// Opens what a study compares, baselines included; a node uses Segmenter::load, which refuses them.
/// @throws ModelError as Segmenter::load does.
EvaluatedModel load_for_evaluation(const SegmenterOptions& options);

}  // namespace punctum
