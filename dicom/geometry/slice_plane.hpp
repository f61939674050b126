#pragma once

#include "dicom/geometry/points.hpp"

namespace punctum {

/// Where one image lies in the patient (PS3.3 C.7.6.2). Value type; any thread.
struct SlicePlane {
  PatientPoint position_mm;        ///< Image Position (Patient): the centre of the first pixel
  PatientVector row_direction;     ///< unit vector along a row, towards higher columns (first triple of 0020,0037)
  PatientVector column_direction;  ///< unit vector down a column, towards higher rows (second triple)
  double column_spacing_mm = 1;    ///< between columns, along a row (Pixel Spacing, second value)
  double row_spacing_mm = 1;       ///< between rows, down a column (Pixel Spacing, first value)
  int columns = 0;
  int rows = 0;

  PatientVector normal() const { return cross(row_direction, column_direction); }
  bool operator==(const SlicePlane&) const = default;
};

/// Maps a point drawn on an image into the patient.
/// @param point (column, row), corner-based, within [0, columns] x [0, rows].
/// @return mm, LPS. @throws GeometryError if the point lies outside the image or is not finite.
PatientPoint to_patient(const ImagePoint& point, const SlicePlane& plane);

/// The point of the image plane nearest to a place in the patient; may lie outside the image.
ImagePoint to_image(const PatientPoint& point, const SlicePlane& plane);

}  // namespace punctum
