#pragma once

#include <array>
#include <optional>

#include "dicom/findings/lesion_mask.hpp"
#include "dicom/findings/lesion_report.hpp"
#include "dicom/geometry/volume.hpp"

namespace punctum {

/// What rules can tell of the five attributes from a mask alone, and the numbers they rest on. Thresholds have gaps: in
/// between, or where the image cannot tell, there is no label. Invasion and a thickened wall are never told.
struct MeasuredAttributes {
  std::array<int, attribute_count> labels{-1, -1, -1, -1, -1};  ///< order of Attribute, index of label; -1: unknown

  double extent_mm = 0;                 ///< largest side of the bounding box
  double sphericity = 0;                ///< 1 for a ball, less for everything else
  double solidity = 0;                  ///< share of the convex hull that is lesion
  double thickness_mm = 0;              ///< twice the depth of the innermost voxel
  std::optional<double> contrast_hu;    ///< mean of the lesion less that of the tissue 3 to 9 mm around it
  std::optional<double> excess_sd_hu;   ///< robust deviation inside, less that of the tissue around
  std::optional<double> edge_width_mm;  ///< 10 to 90 % of the step at the border, in the slices
};

/// @return no labels for an empty mask. @throws GeometryError if mask and volume have different grids. Any thread.
MeasuredAttributes measure_attributes(const Volume& volume, const LesionMask& mask);

}  // namespace punctum
