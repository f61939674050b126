#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dicom/findings/lesion_mask.hpp"
#include "dicom/types/bytes.hpp"

namespace punctum {

/// A closed line in one plane; the last point is joined to the first.
using Contour = std::vector<PatientPoint>;

/// One region of interest of a structure set.
struct Roi {
  int number = 0;
  std::string name;
  Uid frame_of_reference_uid;
  std::vector<Contour> contours;
};

/// The regions that an RT Structure Set (PS3.3 A.19) outlines, and the series that it says it was drawn on.
struct StructureSet {
  std::vector<Uid> series;  ///< may be empty: older writers name none
  std::vector<Roi> rois;    ///< in the order of Structure Set ROI Sequence; those without contours as well
};

/// Reads closed planar contours; single points and open lines, which enclose nothing, are passed over.
/// @throws DicomError if it is no RT Structure Set or a contour is damaged. Any thread.
StructureSet read_structure_set(ByteView part10);

/// The region of that name as voxels: those whose centre its contours enclose. Contours of one slice combine by the
/// even-odd rule, so that a contour within another is a hole.
/// @throws DicomError for an unknown, ambiguous or empty region; GeometryError if the set was drawn in another frame of
/// reference or on another series, or if a contour lies between slices, across them or beyond the series.
LesionMask rasterize(const StructureSet& structures, std::string_view roi_name, const SeriesGeometry& geometry);

}  // namespace punctum
