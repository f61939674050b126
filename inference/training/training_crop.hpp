#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "dicom/findings/lesion_report.hpp"

namespace punctum {

/// A cube with a known lesion. Its centre is a place that a reader might have clicked.
struct TrainingCrop {
  int size = 0;
  double spacing_mm = 0;
  std::vector<std::int16_t> hu;                                 ///< size³, hu[(z * size + y) * size + x]
  std::vector<std::uint8_t> truth;                              ///< size³, 0 or 1; all 0: a click into plain tissue
  std::array<int, attribute_count> labels{-1, -1, -1, -1, -1};  ///< -1: none
};

struct CropRequest {
  std::uint64_t seed = 0;
  int size = 0;
  double spacing_mm = 0;
  bool background = false;  ///< a click into plain tissue
};

/// Where crops come from. Same request, same crop. Any thread, several at a time.
using CropSource = std::function<TrainingCrop(const CropRequest&)>;

}  // namespace punctum
