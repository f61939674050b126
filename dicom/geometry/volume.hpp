#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dicom/geometry/series_geometry.hpp"

namespace punctum {

/// A CT series as Hounsfield units on its own grid. hu[(z * rows + y) * columns + x], x fastest.
struct Volume {
  SeriesGeometry geometry;
  std::vector<std::int16_t> hu;  ///< rounded to whole HU, clamped to the type

  std::size_t index(const VoxelIndex& v) const {
    return (static_cast<std::size_t>(v.z) * static_cast<std::size_t>(geometry.rows()) + static_cast<std::size_t>(v.y)) *
               static_cast<std::size_t>(geometry.columns()) +
           static_cast<std::size_t>(v.x);
  }
  std::int16_t at(const VoxelIndex& v) const { return hu[index(v)]; }
};

}  // namespace punctum
