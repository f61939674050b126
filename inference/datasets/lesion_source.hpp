#pragma once

#include <filesystem>
#include <functional>

#include "inference/datasets/lesion_case.hpp"
#include "inference/training/training_crop.hpp"

namespace punctum {

/// Hands over one case after the other, so that no two of them are in memory whole.
using CaseFeed = std::function<void(const std::function<void(const LesionCase&)>& take)>;

struct LesionSourceOptions {
  double largest_turn_deg = 60;  ///< about the patient's long axis, to either side
  double largest_tilt_deg = 20;  ///< of that axis
  double smallest_scale = 0.8, largest_scale = 1.25;
  double largest_stretch = 1.15;     ///< of one axis of the images, besides
  double other_density_share = 0.4;  ///< of the crops show the lesion lighter or darker than it was,
  double largest_shift_hu = 25;      ///< by at most this much
  double large_mm = 25;  ///< crops with a spacing above 2 mm show lesions that are at least this long, if there are any
  double small_mm = 24;  ///< crops with a spacing below 1 mm show lesions that were at most this long, if there are any
  std::filesystem::path folder = {};  ///< holds the voxels of the cases while the source lives; empty: memory does
};

/// Real lesions as training crops: one patient, one of its lesions, a place in it where a reader might have clicked,
/// turned, tilted, scaled and stretched about that place, all by the request's seed; HU and mask read as the node reads
/// its crops. A lesion shown lighter or darker has no label of its density. What the crop cannot hold of a large lesion
/// is not in its truth. A background request is centred on tissue of the same patients away from every lesion. Of a
/// case remain its lesions' boxes in memory and 3 bytes a voxel in the folder of the options.
/// @throws ConfigError if no case has a lesion; StorageError. The source may be called from several threads.
CropSource lesion_source(const CaseFeed& cases, const LesionSourceOptions& options = {});

}  // namespace punctum
