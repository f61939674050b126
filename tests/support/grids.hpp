#pragma once

#include <functional>
#include <string>

#include "dicom/findings/lesion_mask.hpp"
#include "dicom/geometry/volume.hpp"

namespace punctum::test {

struct GridSize {
  int columns, rows, slices;
  double column_mm, row_mm, slice_mm;
};

inline SeriesGeometry grid(const GridSize& size) {
  std::vector<PlacedSlice> slices;
  for (int z = 0; z < size.slices; ++z) {
    const SopInstance name{Uid::require("1.2.3"), Uid::require("1.2.3.4"),
                           Uid::derived_from("slice " + std::to_string(z)), Uid::require("1.2.840.10008.5.1.4.1.1.2")};
    slices.push_back(
        {name,
         {{0, 0, z * size.slice_mm}, {1, 0, 0}, {0, 1, 0}, size.column_mm, size.row_mm, size.columns, size.rows}});
  }
  return SeriesGeometry::from_slices(std::move(slices), Uid::require("1.2.3.5"));
}

inline LesionMask mask(const SeriesGeometry& geometry, const std::function<bool(int x, int y, int z)>& inside) {
  LesionMask made{geometry, {}};
  for (int z = 0; z < geometry.slice_count(); ++z) {
    for (int y = 0; y < geometry.rows(); ++y) {
      for (int x = 0; x < geometry.columns(); ++x) made.voxels.push_back(inside(x, y, z));
    }
  }
  return made;
}

/// A block of voxels: from first on, so many to each side.
inline LesionMask block(const SeriesGeometry& geometry, const VoxelIndex& first, const VoxelIndex& count) {
  return mask(geometry, [=](int x, int y, int z) {
    return x >= first.x && x < first.x + count.x && y >= first.y && y < first.y + count.y && z >= first.z &&
           z < first.z + count.z;
  });
}

inline LesionMask nothing(const SeriesGeometry& geometry) {
  return mask(geometry, [](int, int, int) { return false; });
}

}  // namespace punctum::test
