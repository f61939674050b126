#pragma once

#include "inference/measure/lesion_patch.hpp"

namespace punctum {

/// A lesion none of whose sides is longer is punctate (reference/model.md, 3.3).
inline constexpr double longest_punctate_mm = 10;

/// The form of a mask, measured on a smoothed isotropic copy, so that neither voxel faces nor thick slices count as
/// roughness.
struct LesionForm {
  double extent_mm = 0;
  double sphericity = 0;
  double solidity = 0;
  double thickness_mm = 0;
};

LesionForm measure_form(const LesionPatch& patch);

}  // namespace punctum
