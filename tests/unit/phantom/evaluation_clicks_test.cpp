#include <gtest/gtest.h>

#include "inference/evaluation/simulated_click.hpp"
#include "tests/unit/phantom/grids.hpp"

namespace punctum {
namespace {

using test::block;
using test::grid;

const test::GridSize isotropic{20, 20, 20, 1, 1, 1};

TEST(FirstClick, LiesInTheMiddleOfTheLesion) {
  const auto click = first_click(block(grid(isotropic), {4, 4, 4}, {5, 5, 5}));
  ASSERT_TRUE(click);
  EXPECT_EQ(click->voxel, (VoxelIndex{6, 6, 6}));
  EXPECT_EQ(click->sign, ClickSign::positive);
}

TEST(FirstClick, IsNothingWithoutALesion) { EXPECT_FALSE(first_click(test::nothing(grid(isotropic)))); }

TEST(CorrectingClick, IsPositiveInTheMiddleOfWhatIsMissing) {
  const auto g = grid(isotropic);
  const auto click = correcting_click(block(g, {4, 4, 4}, {10, 5, 5}), block(g, {4, 4, 4}, {5, 5, 5}));
  ASSERT_TRUE(click);
  EXPECT_EQ(click->sign, ClickSign::positive);
  EXPECT_EQ(click->voxel, (VoxelIndex{11, 6, 6}));
}

TEST(CorrectingClick, IsNegativeInTheMiddleOfWhatIsTooMuch) {
  const auto g = grid(isotropic);
  const auto click = correcting_click(block(g, {4, 4, 4}, {5, 5, 5}), block(g, {4, 4, 4}, {10, 5, 5}));
  ASSERT_TRUE(click);
  EXPECT_EQ(click->sign, ClickSign::negative);
  EXPECT_EQ(click->voxel, (VoxelIndex{11, 6, 6}));
}

TEST(CorrectingClick, ChoosesTheLargestConnectedError) {
  const auto g = grid(isotropic);
  // Many scattered voxels too much, one solid part missing.
  const auto truth = block(g, {10, 10, 10}, {3, 3, 3});
  const auto predicted = test::mask(g, [](int x, int y, int z) { return x < 8 && (x + y + z) % 2 == 0; });
  const auto click = correcting_click(truth, predicted);
  ASSERT_TRUE(click);
  EXPECT_EQ(click->sign, ClickSign::positive);
  EXPECT_EQ(click->voxel, (VoxelIndex{11, 11, 11}));
}

TEST(CorrectingClick, IsNothingForAPerfectMask) {
  const auto truth = block(grid(isotropic), {4, 4, 4}, {5, 5, 5});
  EXPECT_FALSE(correcting_click(truth, truth));
}

}  // namespace
}  // namespace punctum
