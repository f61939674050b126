#pragma once

#include <cstdint>
#include <vector>

#include "dicom/geometry/series_geometry.hpp"

namespace punctum {

/// Which voxels of a CT series belong to the lesion. Always on the source grid, never on a network's own.
struct LesionMask {
  SeriesGeometry geometry;
  std::vector<std::uint8_t> voxels;  ///< 0 or 1; same layout as Volume::hu

  std::size_t count() const {
    std::size_t n = 0;
    for (const auto v : voxels) n += v;
    return n;
  }
};

}  // namespace punctum
