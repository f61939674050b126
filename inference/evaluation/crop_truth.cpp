#include "inference/evaluation/crop_truth.hpp"

#include <algorithm>

#include "inference/preprocess/crop.hpp"

namespace punctum {

std::vector<std::uint8_t> lesion_on(const CropGrid& crop, const LesionMask& truth) {
  const auto share = sample_mask(truth.geometry, truth.voxels, crop);
  std::vector<std::uint8_t> lesion(share.size());
  std::ranges::transform(share, lesion.begin(), [](float v) { return v >= 0.5F; });
  return lesion;
}

std::optional<double> crop_dice(const VoxelProbabilities& stated, const LesionMask& truth) {
  if (stated.values.empty()) return {};
  const auto lesion = lesion_on(stated.crop, truth);
  std::size_t both = 0, either = 0;
  for (std::size_t i = 0; i < lesion.size(); ++i) {
    const bool found = stated.values[i] > 0.5F;
    both += found && lesion[i] != 0;
    either += static_cast<std::size_t>(found) + lesion[i];
  }
  if (either == 0) return {};
  return 2 * static_cast<double>(both) / static_cast<double>(either);
}

}  // namespace punctum
