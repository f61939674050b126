#include "inference/evaluation/crop_truth.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/grids.hpp"

namespace punctum {
namespace {

constexpr int side = 24;

/// From a layer on a cube of 1 mm voxels is lesion; the crop is the same grid.
LesionMask lesion_from(int layer) {
  return test::mask(test::grid({side, side, side, 1, 1, 1}), [=](int, int, int z) { return z >= layer; });
}

VoxelProbabilities found_from(int layer) {
  VoxelProbabilities made{CropGrid::around({side / 2, side / 2, side / 2}, 1, side), {}};
  for (int z = 0; z < side; ++z) made.values.insert(made.values.end(), side * side, z >= layer ? 0.6F : 0.4F);
  return made;
}

TEST(CropDice, ComparesWhatIsLikelierLesionThanNot) {
  EXPECT_NEAR(crop_dice(found_from(12), lesion_from(12)).value(), 1, 1e-12);
  EXPECT_NEAR(crop_dice(found_from(18), lesion_from(12)).value(), 2 * 6.0 / (6 + 12), 1e-12);
  EXPECT_NEAR(crop_dice(found_from(side), lesion_from(12)).value(), 0, 1e-12);
}

TEST(CropDice, CountsHalfAVoxelOfTheCropAsLesion) {
  auto coarse = found_from(12);
  coarse.crop = CropGrid::around({side / 2, side / 2, side / 2}, 2, side);  // twice as wide as the series
  const auto lesion = lesion_on(coarse.crop, lesion_from(12));
  const auto count = std::count(lesion.begin(), lesion.end(), std::uint8_t{1});
  EXPECT_EQ(count, 6 * 12 * 12) << "of 24 x 24 x 12 voxels an eighth";
}

TEST(CropDice, SaysNothingWithoutProbabilitiesOrLesion) {
  EXPECT_FALSE(crop_dice({}, lesion_from(12)));
  EXPECT_FALSE(crop_dice(found_from(side), test::nothing(test::grid({side, side, side, 1, 1, 1}))));
}

}  // namespace
}  // namespace punctum
