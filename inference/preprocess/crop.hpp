#pragma once

#include <span>
#include <vector>

#include "dicom/geometry/volume.hpp"

namespace punctum {

/// The cube that the network sees: isotropic voxels along the patient's axes (LPS), whatever the series' own axes are.
struct CropGrid {
  PatientPoint first_mm;  ///< centre of voxel (0, 0, 0)
  double spacing_mm = 1;
  int size = 0;

  /// The crop whose voxel (size/2, size/2, size/2) is centred on a place.
  static CropGrid around(const PatientPoint& place, double spacing_mm, int size);
  struct Place {
    double x = 0, y = 0, z = 0;  ///< voxels; whole numbers are centres
  };
  Place to_crop(const PatientPoint& point) const;
  /// Whether a place lies in the crop, at least `margin` voxels from its faces.
  bool holds(const PatientPoint& point, double margin) const;
};

inline constexpr float outside_hu = -1000;  ///< where the series ends, the crop holds air

/// HU by trilinear interpolation through the full affine (oblique, tilted, anisotropic alike).
/// @return size³, [(z * size + y) * size + x].
std::vector<float> sample_hu(const Volume& volume, const CropGrid& crop);
/// The same for voxels that lie on another grid than when they were read (a patient turned for training).
std::vector<float> sample_hu(const SeriesGeometry& geometry, std::span<const std::int16_t> hu, const CropGrid& crop);

/// Any other values on the series' grid, e.g. a mask; `outside` beyond it.
std::vector<float> sample_mask(const SeriesGeometry& geometry, const std::vector<std::uint8_t>& voxels,
                               const CropGrid& crop);

}  // namespace punctum
