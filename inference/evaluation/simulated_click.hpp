#pragma once

#include <optional>

#include "dicom/findings/lesion_mask.hpp"
#include "inference/segmenter.hpp"

namespace punctum {

/// Where a careful reader clicks first: the deepest voxel of the lesion. @return nothing for an empty truth.
std::optional<VoxelClick> first_click(const LesionMask& truth);

/// Where a careful reader corrects: the deepest voxel of the largest connected part (over faces) of what is missing or
/// too much; positive on what is missing. @return nothing if the masks are equal.
std::optional<VoxelClick> correcting_click(const LesionMask& truth, const LesionMask& predicted);

}  // namespace punctum
