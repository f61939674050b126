#pragma once

#include <array>
#include <string>
#include <vector>

#include "dicom/findings/lesion_mask.hpp"
#include "dicom/geometry/volume.hpp"

namespace punctum {

/// One plane of the voxel grid and how it lies on a picture. Axes are 0 (x, along the row), 1 (y, down the column) and
/// 2 (z, along the stack).
struct LesionView {
  std::string name;  ///< "Axial", "Coronal" or "Sagittal": what it is nearest to in the patient
  int fixed_axis = 2;
  int fixed_index = 0;                 ///< the voxel layer shown
  int across = 0, down = 1;            ///< which axes run across and down the picture ...
  int across_sign = 1, down_sign = 1;  ///< ... and whether towards higher indices
  std::array<char, 4> edges{};         ///< patient directions at left, right, top, bottom: R L A P F H
};

/// The slice of the stack with the largest area of the lesion, and the two layers across it with the largest areas;
/// head or front up, patient's left on the right, as radiologists hang them.
std::array<LesionView, 3> choose_views(const LesionMask& mask);

/// Ends of the grey scale.
struct Window {
  std::string name;
  double centre_hu = 40;
  double width_hu = 400;
};
/// Lung where the lesion lies in air-filled tissue, soft tissue elsewhere.
Window choose_window(const Volume& volume, const LesionMask& mask);

/// The box around the voxels of a mask.
struct VoxelBox {
  std::array<int, 3> first{}, last{};
};
VoxelBox box_around(const LesionMask& mask);  ///< @throws GeometryError for an empty mask

}  // namespace punctum
