#pragma once

#include <cstdint>
#include <vector>

#include "dicom/findings/lesion_mask.hpp"
#include "dicom/geometry/volume.hpp"
#include "inference/measure/distance_transform.hpp"

namespace punctum {

/// A lesion with its surroundings, cut out of its series, and how far every voxel is from its border.
struct LesionPatch {
  MaskGrid grid;
  std::vector<std::int16_t> hu;
  std::vector<std::uint8_t> mask;
  std::vector<float> outside_mm;  ///< to the nearest voxel of the lesion; 0 in it
  std::vector<float> depth_mm;    ///< to the nearest voxel that is not lesion; 0 outside it
};

/// @param margin_mm of surroundings to every side, as far as the image goes. @return no voxels for an empty mask.
/// @throws GeometryError if mask and volume have different grids.
LesionPatch cut_patch(const Volume& volume, const LesionMask& mask, double margin_mm);

}  // namespace punctum
