#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dicom/geometry/series_geometry.hpp"

namespace punctum {

/// Half-open box of voxel indices.
struct IndexBox {
  VoxelIndex low, high;
  bool empty() const { return low.x >= high.x || low.y >= high.y || low.z >= high.z; }
};

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
  VoxelIndex voxel(std::size_t at) const {  ///< the inverse of index
    const auto across = static_cast<std::size_t>(columns), plane = across * static_cast<std::size_t>(rows);
    return {static_cast<int>(at % across), static_cast<int>(at % plane / across), static_cast<int>(at / plane)};
  }
  /// The grid of a box of this one.
  MaskGrid within(const IndexBox& box) const {
    return {box.high.x - box.low.x, box.high.y - box.low.y, box.high.z - box.low.z, dx_mm, dy_mm, dz_mm};
  }
};

inline MaskGrid mask_grid(const SeriesGeometry& geometry) {
  return {geometry.columns(),           geometry.rows(),           geometry.slice_count(),
          geometry.column_spacing_mm(), geometry.row_spacing_mm(), geometry.slice_spacing_mm()};
}

/// The values in a box, in the order of grid.within(box).
template <class Value>
std::vector<Value> cut_out(const std::vector<Value>& values, const MaskGrid& grid, const IndexBox& box) {
  std::vector<Value> cut;
  for (int z = box.low.z; z < box.high.z; ++z) {
    for (int y = box.low.y; y < box.high.y; ++y) {
      const auto row = values.begin() + static_cast<std::ptrdiff_t>(grid.index(0, y, z));
      cut.insert(cut.end(), row + box.low.x, row + box.high.x);
    }
  }
  return cut;
}

}  // namespace punctum
