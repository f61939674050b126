#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "dicom/findings/lesion_report.hpp"

namespace punctum {

/// One lesion after one more click.
struct ClickOutcome {
  double dice = 0;
  double hd95_mm = 0;  ///< infinite if nothing was segmented
  double true_iou = 0;
  double stated_iou = 0;     ///< the network's own estimate
  bool click_obeyed = true;  ///< a positive click lies in the result, a negative one outside
};

/// One lesion, click after click.
struct LesionTrial {
  std::uint64_t seed = 0;
  double volume_ml = 0;
  std::array<int, attribute_count> labels{};              ///< the truth
  std::optional<std::array<int, attribute_count>> named;  ///< after the first click; none if the heads are untrained
  std::vector<ClickOutcome> clicks;  ///< a lesion that needs no further click repeats its last outcome
};

/// All lesions after the same number of clicks.
struct ClickScore {
  int clicks = 1;
  double mean_dice = 0, median_dice = 0;
  double median_hd95_mm = 0;  ///< over finite ones
  std::size_t empty = 0;      ///< nothing segmented
  double iou_error = 0;       ///< mean absolute difference of stated and true IoU
  double obeyed = 0;          ///< fraction of clicks that the result obeys
};

/// One attribute over all lesions, beside what always naming the commonest label would reach.
struct AttributeScore {
  Attribute attribute = Attribute::shape;
  double accuracy = 0;
  double balanced_accuracy = 0;  ///< mean over the labels that occur
  double majority = 0;           ///< accuracy of the commonest label
};

ClickScore score_after(const std::vector<LesionTrial>& trials, int clicks);
/// @return nothing if no trial names attributes.
std::vector<AttributeScore> score_attributes(const std::vector<LesionTrial>& trials);

}  // namespace punctum
