#pragma once

#include <optional>

#include "dicom/findings/lesion_mask.hpp"

namespace punctum {

/// Overlap 2|A∩B| / (|A| + |B|). 0 if one mask is empty. @return nothing if both are: such cases are counted apart.
/// @throws GeometryError if the grids differ in size.
std::optional<double> dice(const LesionMask& a, const LesionMask& b);

/// Hausdorff distance at the 95th percentile, mm. Surface: voxels of a mask with a face towards outside it. The larger
/// of both directions' percentiles (as MONAI does it; MedPy pools the directions), linearly interpolated. A tilted
/// series is measured as if it were upright. Infinite if one mask is empty. @return nothing if both are.
std::optional<double> hd95_mm(const LesionMask& a, const LesionMask& b);

}  // namespace punctum
