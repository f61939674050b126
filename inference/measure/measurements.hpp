#pragma once

#include "dicom/findings/lesion_mask.hpp"
#include "dicom/findings/lesion_report.hpp"
#include "dicom/geometry/volume.hpp"

namespace punctum {

/// Measures a lesion on its own grid: volume as the sum of voxel volumes, HU statistics, largest in-plane diameter and
/// the largest one perpendicular to it on the same slice (between voxel outer corners' hull, in mm).
/// @return nothing for an empty mask. @throws GeometryError if mask and volume have different grids. Any thread.
std::optional<LesionMeasurements> measure_lesion(const Volume& volume, const LesionMask& mask);

}  // namespace punctum
