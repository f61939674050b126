#pragma once

#include "dicom/geometry/series_geometry.hpp"
#include "inference/measure/distance_transform.hpp"

namespace punctum {

inline MaskGrid mask_grid(const SeriesGeometry& geometry) {
  return {geometry.columns(),           geometry.rows(),           geometry.slice_count(),
          geometry.column_spacing_mm(), geometry.row_spacing_mm(), geometry.slice_spacing_mm()};
}

}  // namespace punctum
