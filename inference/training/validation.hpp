#pragma once

#include <array>
#include <vector>

#include "inference/baselines/click_network.hpp"
#include "inference/training/batch.hpp"

namespace punctum::network {

struct Scores {
  std::vector<double> dice;                          ///< mean over lesions after click 1, 2, ...; none without masks
  std::array<double, attribute_count> attributes{};  ///< share of right labels after the last click, where there is one
  int labelled = 0;                                  ///< lesions with at least one label
  double quality_error = 0;                          ///< mean |estimated IoU - true Dice's IoU| after the last click
  double background_ml = 0;                          ///< mean volume marked by a click into plain tissue
  std::vector<double> first_click_dice;              ///< sample by sample
};

/// Clicks as an evaluator does: first the crop's centre, then always the deepest voxel of the largest error.
Scores validate(ClickNetwork& network, const std::vector<TrainingCrop>& crops, int clicks);

}  // namespace punctum::network
