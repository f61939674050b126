#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "dicom/findings/lesion_mask.hpp"
#include "inference/segmenter.hpp"

/// The truth on the network's own grid, the crop (reference/model.md, section 6). Pure; any thread.
namespace punctum {

/// 1 where half a voxel of the crop or more is lesion; in the order of the crop's voxels.
std::vector<std::uint8_t> lesion_on(const CropGrid& crop, const LesionMask& truth);

/// DSC on the grid of the finest crop, of the voxels that are more likely lesion than not: what the network said,
/// before it was carried over to the grid of the series. What lies outside of the crop does not count.
/// @return nothing where there are no probabilities, or neither shows a lesion there.
std::optional<double> crop_dice(const VoxelProbabilities& stated, const LesionMask& truth);

}  // namespace punctum
