#pragma once

#include <optional>

#include "inference/evaluation/mask_pair.hpp"

namespace punctum {

/// The tolerance of the surface overlap.
inline constexpr double surface_tolerance_mm = 1.5;

/// How far an answer is from the truth. Each is nothing if both masks are empty: such cases are counted apart.
struct MaskScores {
  std::optional<double> dice;     ///< 2|A∩B| / (|A| + |B|); 0 if one mask is empty
  std::optional<double> hd95_mm;  ///< infinite if one mask is empty
  std::optional<double> nsd;      ///< normalised surface dice at 1.5 mm; 0 if one mask is empty
};

/// Hausdorff distance at the 95th percentile: surface voxels are those with a face towards outside the mask; the larger
/// of both directions' percentiles (as MONAI does it; MedPy pools the directions), linearly interpolated. Surface dice:
/// the share of both surfaces' voxels that lie within the tolerance of the other (MONAI without subvoxels; DeepMind
/// weighs by area). A tilted series is measured as if it were upright.
MaskScores score(const MaskPair& pair);

/// The same, one by one. @throws GeometryError if the grids differ in size.
std::optional<double> dice(const LesionMask& a, const LesionMask& b);
std::optional<double> hd95_mm(const LesionMask& a, const LesionMask& b);
std::optional<double> surface_dice(const LesionMask& a, const LesionMask& b);

}  // namespace punctum
