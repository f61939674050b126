#include "inference/evaluation/voxel_reliability.hpp"

#include <gtest/gtest.h>

#include "tests/support/grids.hpp"

namespace punctum {
namespace {

constexpr int side = 24;

/// Upper half of a cube of 1 mm voxels is lesion; the crop is the same grid.
LesionMask upper_half() {
  const auto geometry = test::grid({side, side, side, 1, 1, 1});
  return test::mask(geometry, [](int, int, int z) { return z >= side / 2; });
}

template <class Probability>
VoxelProbabilities stated(Probability probability) {
  VoxelProbabilities made{CropGrid::around({side / 2, side / 2, side / 2}, 1, side), {}};
  for (int z = 0; z < side; ++z) {
    for (int i = 0; i < side * side; ++i) made.values.push_back(probability(z));
  }
  return made;
}

TEST(VoxelReliability, LooksAtABandOnBothSidesOfTheBorder) {
  const auto found = voxel_reliability(stated([](int) { return 0.5F; }), upper_half());
  EXPECT_EQ(found.count(), 2 * reliability_band_voxels * side * side);
  EXPECT_NEAR(found.ece(), 0, 1e-9) << "half of the band is lesion";
}

TEST(VoxelReliability, TellsHowFarWhatIsStatedIsFromWhatIs) {
  const auto sure_and_right = stated([](int z) { return z >= side / 2 ? 0.95F : 0.05F; });
  EXPECT_NEAR(voxel_reliability(sure_and_right, upper_half()).ece(), 0.05, 1e-6);
  const auto too_large = stated([](int z) { return z >= side / 2 - 2 ? 1.0F : 0.0F; });
  const auto found = voxel_reliability(too_large, upper_half());
  EXPECT_NEAR(found.ece(), 2.0 / (2 * reliability_band_voxels), 1e-6) << "two layers of ten are not lesion";
  EXPECT_EQ(found.bins.back().count, 7 * side * side) << "a probability of 1 falls into the last bin";
  EXPECT_NEAR(found.bins.back().share_of_lesion(), 5.0 / 7, 1e-9);
}

TEST(VoxelReliability, OfManyLesionsIsTheSumOfEachOnes) {
  const auto high = voxel_reliability(stated([](int) { return 0.9F; }), upper_half());
  auto both = voxel_reliability(stated([](int) { return 0.1F; }), upper_half());
  both += high;
  EXPECT_EQ(both.count(), 2 * high.count());
  EXPECT_NEAR(both.ece(), 0.4, 1e-6);
}

TEST(VoxelReliability, SaysNothingWithoutABorderOrProbabilities) {
  const auto geometry = test::grid({side, side, side, 1, 1, 1});
  EXPECT_EQ(voxel_reliability(stated([](int) { return 0.5F; }), test::nothing(geometry)).count(), 0);
  EXPECT_EQ(voxel_reliability({}, upper_half()).count(), 0);
  EXPECT_EQ(VoxelReliability{}.ece(), 0);
}

}  // namespace
}  // namespace punctum
