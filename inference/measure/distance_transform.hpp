#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "dicom/geometry/points.hpp"

namespace punctum {

/// The size of a mask's grid and of its voxels; x fastest.
struct MaskGrid {
  int columns = 0, rows = 0, slices = 0;
  double dx_mm = 1, dy_mm = 1, dz_mm = 1;
  std::size_t size() const {
    return static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows) * static_cast<std::size_t>(slices);
  }
  std::size_t index(int x, int y, int z) const {
    return (static_cast<std::size_t>(z) * static_cast<std::size_t>(rows) + static_cast<std::size_t>(y)) *
               static_cast<std::size_t>(columns) +
           static_cast<std::size_t>(x);
  }
};

/// Half-open box of voxel indices.
struct IndexBox {
  VoxelIndex low, high;
  bool empty() const { return low.x >= high.x || low.y >= high.y || low.z >= high.z; }
};

/// The smallest box that holds every set voxel, grown by a margin within the grid.
IndexBox bounds_of(const std::vector<std::uint8_t>& mask, const MaskGrid& grid, int margin = 0);

/// From every voxel's centre to the centre of the nearest set voxel, mm: exact, by parabolas along one axis after the
/// other (Felzenszwalb and Huttenlocher). Infinite everywhere if none is set. Any thread.
std::vector<float> distance_to_set(const std::vector<std::uint8_t>& set, const MaskGrid& grid);

/// The voxel of a mask that lies farthest from everything outside it (beyond the grid counts as outside): where a
/// careful reader would click. The lowest index among equals. @return nothing for an empty mask.
std::optional<VoxelIndex> deepest_voxel(const std::vector<std::uint8_t>& mask, const MaskGrid& grid);

}  // namespace punctum
