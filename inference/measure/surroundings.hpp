#pragma once

#include <optional>
#include <vector>

#include "inference/measure/lesion_patch.hpp"

namespace punctum {

/// A tissue next to a lesion.
struct HostTissue {
  double mean_hu = 0;
  double sd_hu = 0;
};

/// The tissues that make up the ring 3 to 9 mm around a lesion, the commonest first; those that are not much rarer
/// than it follow, since any of them may be the host. Empty where the ring has too few voxels.
std::vector<HostTissue> host_tissues(const LesionPatch& patch);

/// HU of the lesion without its outermost millimetre and its first and last slice; of more of it where little would be
/// left.
std::vector<double> inner_hu(const LesionPatch& patch);

/// 10 to 90 % of the step between lesion and surroundings, less what scanner and voxels add, measured in the slices
/// where the border stands upright: profiles over sectors of the border, a logistic step fitted to each.
/// @return nothing where hardly any sector has a clear step.
std::optional<double> edge_width_mm(const LesionPatch& patch, double noise_hu);

}  // namespace punctum
