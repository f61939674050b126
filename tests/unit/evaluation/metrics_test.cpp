#include <gtest/gtest.h>

#include <cmath>

#include "dicom/types/error.hpp"
#include "inference/evaluation/metrics.hpp"
#include "tests/support/grids.hpp"

namespace punctum {
namespace {

using test::block;
using test::grid;

const test::GridSize anisotropic{24, 24, 12, 0.5, 1.0, 3.0};

TEST(Dice, IsOneForEqualMasksAndZeroForDisjointOnes) {
  const auto g = grid(anisotropic);
  const auto a = block(g, {2, 2, 2}, {4, 4, 4}), b = block(g, {12, 12, 6}, {4, 4, 4});
  EXPECT_DOUBLE_EQ(dice(a, a).value(), 1);
  EXPECT_DOUBLE_EQ(dice(a, b).value(), 0);
}

TEST(Dice, OfTwoBlocksShiftedByHalfTheirLengthIsOneHalf) {
  const auto g = grid(anisotropic);
  EXPECT_DOUBLE_EQ(dice(block(g, {2, 2, 2}, {4, 4, 4}), block(g, {4, 2, 2}, {4, 4, 4})).value(), 0.5);
}

TEST(Dice, IsNothingForTwoEmptyMasksAndZeroForOne) {
  const auto g = grid(anisotropic);
  EXPECT_FALSE(dice(test::nothing(g), test::nothing(g)));
  EXPECT_DOUBLE_EQ(dice(test::nothing(g), block(g, {1, 1, 1}, {1, 1, 1})).value(), 0);
}

TEST(Dice, RefusesMasksOfDifferentSize) {
  const auto a = grid(anisotropic), b = grid({8, 8, 8, 1, 1, 1});
  EXPECT_THROW(dice(test::nothing(a), test::nothing(b)), GeometryError);
}

TEST(Hd95, IsZeroForEqualMasks) {
  const auto g = grid(anisotropic);
  EXPECT_DOUBLE_EQ(hd95_mm(block(g, {3, 3, 3}, {5, 5, 5}), block(g, {3, 3, 3}, {5, 5, 5})).value(), 0);
}

TEST(Hd95, OfShiftedThinPlatesIsTheShiftInMillimetres) {
  const auto g = grid(anisotropic);
  EXPECT_NEAR(hd95_mm(block(g, {4, 4, 3}, {1, 8, 4}), block(g, {10, 4, 3}, {1, 8, 4})).value(), 6 * 0.5, 1e-6);
  EXPECT_NEAR(hd95_mm(block(g, {4, 4, 3}, {8, 8, 1}), block(g, {4, 4, 5}, {8, 8, 1})).value(), 2 * 3.0, 1e-6);
}

TEST(Hd95, OfNestedBallsIsTheDifferenceOfTheirRadii) {
  const auto g = grid({60, 60, 60, 1, 1, 1});
  const auto ball = [&](double r) {
    return test::mask(g, [r](int x, int y, int z) { return std::hypot(x - 30, y - 30, z - 30) < r; });
  };
  EXPECT_NEAR(hd95_mm(ball(20), ball(14)).value(), 6, 0.6);
}

TEST(Hd95, TakesTheWorseDirection) {
  const auto g = grid({60, 12, 12, 1, 1, 1});
  const auto small = block(g, {5, 4, 4}, {4, 4, 4});
  const auto with_far_part = test::mask(g, [](int x, int y, int z) {
    return y >= 4 && y < 8 && z >= 4 && z < 8 && ((x >= 5 && x < 9) || (x >= 45 && x < 49));
  });
  EXPECT_GT(hd95_mm(small, with_far_part).value(), 30);
  EXPECT_DOUBLE_EQ(hd95_mm(small, with_far_part).value(), hd95_mm(with_far_part, small).value());
}

TEST(Hd95, MeasuresSingleVoxelsAndMasksAtTheEndOfTheGrid) {
  const auto g = grid(anisotropic);
  EXPECT_NEAR(hd95_mm(block(g, {0, 0, 0}, {1, 1, 1}), block(g, {23, 0, 0}, {1, 1, 1})).value(), 23 * 0.5, 1e-5);
}

TEST(Hd95, IsInfiniteIfOneMaskIsEmptyAndNothingIfBothAre) {
  const auto g = grid(anisotropic);
  EXPECT_TRUE(std::isinf(hd95_mm(test::nothing(g), block(g, {1, 1, 1}, {1, 1, 1})).value()));
  EXPECT_FALSE(hd95_mm(test::nothing(g), test::nothing(g)));
}

TEST(SurfaceDice, CountsSurfaceVoxelsWithinTheTolerance) {
  const auto g = grid({30, 12, 12, 1, 1, 1});
  const auto plate = [&](int x) { return block(g, {x, 2, 2}, {1, 8, 8}); };
  EXPECT_DOUBLE_EQ(surface_dice(plate(5), plate(5)).value(), 1);
  EXPECT_DOUBLE_EQ(surface_dice(plate(5), plate(6)).value(), 1);
  EXPECT_DOUBLE_EQ(surface_dice(plate(5), plate(7)).value(), 0);
  EXPECT_DOUBLE_EQ(
      surface_dice(plate(5),
                   test::mask(g, [](int x, int y,
                                    int z) { return (x == 5 || x == 20) && y >= 2 && y < 10 && z >= 2 && z < 10; }))
          .value(),
      2.0 / 3);
}

TEST(SurfaceDice, IsZeroIfOneMaskIsEmptyAndNothingIfBothAre) {
  const auto g = grid(anisotropic);
  EXPECT_DOUBLE_EQ(surface_dice(test::nothing(g), block(g, {1, 1, 1}, {1, 1, 1})).value(), 0);
  EXPECT_FALSE(surface_dice(test::nothing(g), test::nothing(g)));
}

TEST(MaskPair, IsTheBoxOfBothAndKnowsItsPlace) {
  const auto g = grid(anisotropic);
  const auto pair = cut_pair(block(g, {3, 4, 5}, {2, 2, 2}), block(g, {6, 4, 4}, {1, 1, 1}));
  EXPECT_EQ(pair.origin, (VoxelIndex{3, 4, 4}));
  EXPECT_EQ(pair.grid.columns, 4);
  EXPECT_EQ(pair.grid.rows, 2);
  EXPECT_EQ(pair.grid.slices, 3);
  EXPECT_EQ(pair.in_series(pair.grid.index(3, 0, 0)), (VoxelIndex{6, 4, 4}));
}

}  // namespace
}  // namespace punctum
