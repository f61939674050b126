#pragma once

#include <cstdint>
#include <vector>

#include "inference/measure/distance_transform.hpp"

namespace punctum::synthesis {

/// The form of a real lesion, without its image.
struct ShapeMask {
  MaskGrid grid;
  std::vector<std::uint8_t> voxels;  ///< 0 or 1
  int shape = -1, surface = -1;      ///< labels given by people, index of label; -1: none
};

}  // namespace punctum::synthesis
