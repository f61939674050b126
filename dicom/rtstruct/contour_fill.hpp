#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace punctum {

/// A corner of a polygon in voxel units: whole numbers are voxel centres.
struct GridPoint {
  double x = 0, y = 0;
};

/// Marks the voxels of one slice whose centres lie inside an odd number of the closed polygons. A centre right on an
/// edge belongs to the polygon to its right or below, so that polygons that share an edge share no voxel.
void fill_even_odd(const std::vector<std::vector<GridPoint>>& polygons, int columns, int rows,
                   std::span<std::uint8_t> slice);

}  // namespace punctum
