#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "inference/evaluation/simulated_click.hpp"
#include "tests/support/grids.hpp"

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

std::vector<VoxelIndex> many_first_clicks(const LesionMask& truth, ClickPolicy policy, bool punctate) {
  std::mt19937_64 random(3);
  std::vector<VoxelIndex> clicks;
  for (int i = 0; i < 200; ++i) clicks.push_back(first_click(truth, policy, punctate, random)->voxel);
  return clicks;
}

/// The farthest from the middle of a block from 4 to 12 along one axis.
int farthest(const std::vector<VoxelIndex>& clicks) {
  int most = 0;
  for (const auto& c : clicks) most = std::max({most, std::abs(c.x - 8), std::abs(c.y - 8), std::abs(c.z - 8)});
  return most;
}

TEST(FirstClick, JitteredLiesAnywhereInTheInnerHalf) {
  const auto clicks = many_first_clicks(block(grid(isotropic), {4, 4, 4}, {9, 9, 9}), ClickPolicy::jittered, false);
  EXPECT_EQ(farthest(clicks), 2);  // five voxels deep in the middle, three at least
}

TEST(FirstClick, JitteredInAPunctateLesionIsAVoxelOffAtMost) {
  const auto clicks = many_first_clicks(block(grid(isotropic), {4, 4, 4}, {9, 9, 9}), ClickPolicy::jittered, true);
  EXPECT_EQ(farthest(clicks), 1);
}

TEST(FirstClick, RandomLiesAnywhereInTheLesion) {
  const auto truth = block(grid(isotropic), {4, 4, 4}, {9, 9, 9});
  const auto clicks = many_first_clicks(truth, ClickPolicy::random, false);
  EXPECT_EQ(farthest(clicks), 4);
  for (const auto& c : clicks) {
    EXPECT_TRUE(c.x >= 4 && c.x < 13 && c.y >= 4 && c.y < 13 && c.z >= 4 && c.z < 13);
  }
}

TEST(NextClick, RandomHitsAnyWrongVoxelWithItsSign) {
  const auto g = grid(isotropic);
  const auto truth = block(g, {4, 4, 4}, {6, 5, 5}), found = block(g, {7, 4, 4}, {6, 5, 5});
  const auto pair = cut_pair(truth, found);
  std::mt19937_64 random(3);
  int positive = 0, negative = 0;
  for (int i = 0; i < 100; ++i) {
    const auto click = next_click(pair, ClickPolicy::random, random);
    ASSERT_TRUE(click);
    const bool missing = click->voxel.x < 7;
    EXPECT_TRUE(missing || click->voxel.x >= 10);
    EXPECT_EQ(click->sign, missing ? ClickSign::positive : ClickSign::negative);
    (missing ? positive : negative) += 1;
  }
  EXPECT_GT(positive, 20);
  EXPECT_GT(negative, 20);
}

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
