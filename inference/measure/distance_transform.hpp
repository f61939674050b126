#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "inference/measure/mask_grid.hpp"

namespace punctum {

/// The smallest box that holds every set voxel, grown by a margin within the grid.
IndexBox bounds_of(const std::vector<std::uint8_t>& mask, const MaskGrid& grid, int margin = 0);

/// From every voxel's centre to the centre of the nearest set voxel, mm: exact, by parabolas along one axis after the
/// other (Felzenszwalb and Huttenlocher). Infinite everywhere if none is set. Any thread.
std::vector<float> distance_to_set(const std::vector<std::uint8_t>& set, const MaskGrid& grid);
/// The same to the nearest voxel that is not set: how deep in the set a voxel lies.
std::vector<float> distance_to_rest(const std::vector<std::uint8_t>& set, const MaskGrid& grid);

/// The voxel of a mask that lies farthest from everything outside it (beyond the grid counts as outside): where a
/// careful reader would click. The lowest index among equals. @return nothing for an empty mask.
std::optional<VoxelIndex> deepest_voxel(const std::vector<std::uint8_t>& mask, const MaskGrid& grid);

}  // namespace punctum
