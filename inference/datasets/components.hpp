#pragma once

#include <cstdint>
#include <vector>

#include "inference/measure/distance_transform.hpp"

namespace punctum {

/// The parts of a mask that hang together over faces, edges or corners (26 neighbours), largest first; parts of fewer
/// than `least` voxels are left out. @return indices of voxels, ascending in every part.
std::vector<std::vector<std::size_t>> connected_parts(const std::vector<std::uint8_t>& mask, const MaskGrid& grid,
                                                      std::size_t least = 1);

}  // namespace punctum
