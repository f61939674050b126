#pragma once

#include <cstdint>
#include <vector>

#include "dicom/findings/lesion_mask.hpp"
#include "inference/measure/distance_transform.hpp"

namespace punctum {

/// Truth and answer on one series, cut to the smallest box that holds both: whatever compares them need not walk
/// through a whole body. Beyond the box neither is set. Of two empty masks nothing is left.
struct MaskPair {
  MaskGrid grid;
  VoxelIndex origin;  ///< of the box in the series
  std::vector<std::uint8_t> truth, found;

  VoxelIndex in_series(std::size_t index) const;
};

/// @throws GeometryError if the grids differ in size.
MaskPair cut_pair(const LesionMask& truth, const LesionMask& found);

}  // namespace punctum
