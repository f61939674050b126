#include "dicom/geometry/slice_plane.hpp"

#include <cmath>
#include <string>

#include "dicom/types/error.hpp"

namespace punctum {

PatientPoint to_patient(const ImagePoint& point, const SlicePlane& plane) {
  const bool inside = point.column >= 0 && point.column <= plane.columns && point.row >= 0 && point.row <= plane.rows;
  if (!inside) {  // also true for NaN
    throw GeometryError("cannot place point (" + std::to_string(point.column) + ", " + std::to_string(point.row) +
                        "): outside the image of " + std::to_string(plane.columns) + " columns and " +
                        std::to_string(plane.rows) + " rows");
  }
  return plane.position_mm + plane.row_direction * ((point.column - 0.5) * plane.column_spacing_mm) +
         plane.column_direction * ((point.row - 0.5) * plane.row_spacing_mm);
}

ImagePoint to_image(const PatientPoint& point, const SlicePlane& plane) {
  const auto offset = point - plane.position_mm;
  return {dot(offset, plane.row_direction) / plane.column_spacing_mm + 0.5,
          dot(offset, plane.column_direction) / plane.row_spacing_mm + 0.5};
}

}  // namespace punctum
