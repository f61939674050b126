#include <gtest/gtest.h>

#include <cmath>

#include "dicom/types/error.hpp"
#include "inference/measure/measurements.hpp"
#include "tests/support/grids.hpp"

namespace punctum {
namespace {

using test::block;
using test::grid;

Volume volume_of(const SeriesGeometry& geometry, const std::function<double(int, int, int)>& hu) {
  Volume volume{geometry, {}};
  for (int z = 0; z < geometry.slice_count(); ++z) {
    for (int y = 0; y < geometry.rows(); ++y) {
      for (int x = 0; x < geometry.columns(); ++x) volume.hu.push_back(static_cast<std::int16_t>(hu(x, y, z)));
    }
  }
  return volume;
}

TEST(MeasureLesion, GivesNothingForAnEmptyMask) {
  const auto g = grid({8, 8, 3, 1, 1, 2});
  EXPECT_FALSE(measure_lesion(volume_of(g, [](int, int, int) { return 0; }), test::nothing(g)).has_value());
}

TEST(MeasureLesion, VolumeCountsVoxelsOfAnisotropicSize) {
  const auto g = grid({10, 10, 4, 0.5, 0.8, 3});
  const auto m = measure_lesion(volume_of(g, [](int, int, int) { return 7; }), block(g, {2, 3, 1}, {4, 5, 2}));
  ASSERT_TRUE(m);
  EXPECT_EQ(m->voxel_count, 40U);
  EXPECT_DOUBLE_EQ(m->volume_mm3, 40 * 0.5 * 0.8 * 3);
}

TEST(MeasureLesion, HounsfieldStatisticsAreThoseOfThePopulation) {
  const auto g = grid({4, 1, 1, 1, 1, 1});
  const auto m = measure_lesion(volume_of(g, [](int x, int, int) { return x == 3 ? 900 : 10 * x; }),
                                block(g, {0, 0, 0}, {3, 1, 1}));
  ASSERT_TRUE(m);
  EXPECT_DOUBLE_EQ(m->mean_hu, 10);
  EXPECT_NEAR(m->sd_hu, std::sqrt(200.0 / 3), 1e-12);
  EXPECT_DOUBLE_EQ(m->min_hu, 0);
  EXPECT_DOUBLE_EQ(m->max_hu, 20);
}

TEST(MeasureLesion, SingleVoxelIsMeasuredFromCornerToCorner) {
  const auto g = grid({5, 5, 1, 0.6, 0.8, 2});
  const auto m = measure_lesion(volume_of(g, [](int, int, int) { return 0; }), block(g, {2, 2, 0}, {1, 1, 1}));
  ASSERT_TRUE(m);
  EXPECT_NEAR(m->long_axis_mm, 1.0, 1e-12);  // the diagonal of 0.6 x 0.8

  EXPECT_NEAR(m->short_axis_mm, 0.6 / 0.8, 1e-9);  // through a corner, at a right angle to it
}

TEST(MeasureLesion, AxesOfARectangleAreItsDiagonalAndWhatLiesAcross) {
  const auto g = grid({40, 40, 1, 1, 1, 1});
  const auto m = measure_lesion(volume_of(g, [](int, int, int) { return 0; }), block(g, {5, 5, 0}, {30, 4, 1}));
  ASSERT_TRUE(m);
  const double diagonal = std::hypot(30, 4);
  EXPECT_NEAR(m->long_axis_mm, diagonal, 1e-9);
  EXPECT_NEAR(m->short_axis_mm, 4 * diagonal / 30, 1e-9);  // the chord through a corner at a right angle
}

TEST(MeasureLesion, DiscOfAnisotropicPixelsIsRoundInMillimetres) {
  const auto g = grid({80, 80, 1, 0.5, 1.0, 1});
  const auto disc = test::mask(g, [](int x, int y, int) { return std::hypot((x - 40) * 0.5, (y - 40) * 1.0) < 15; });
  const auto m = measure_lesion(volume_of(g, [](int, int, int) { return 0; }), disc);
  ASSERT_TRUE(m);
  EXPECT_NEAR(m->long_axis_mm, 30, 1.3);
  EXPECT_NEAR(m->short_axis_mm, 30, 1.3);
}

TEST(MeasureLesion, AxesComeFromTheSliceWithTheLongestOne) {
  const auto g = grid({30, 30, 5, 1, 1, 1});
  const auto m =
      measure_lesion(volume_of(g, [](int, int, int) { return 0; }),
                     test::mask(g, [](int x, int y, int z) { return x < 3 + 4 * (z == 3) && y < 2 && z > 0; }));
  ASSERT_TRUE(m);
  EXPECT_EQ(m->axis_slice, 3);
  EXPECT_NEAR(m->long_axis_mm, std::hypot(7, 2), 1e-9);
}

TEST(MeasureLesion, RefusesAMaskOnAnotherGrid) {
  const auto g = grid({8, 8, 3, 1, 1, 2}), other = grid({8, 8, 3, 1, 1, 3});
  EXPECT_THROW(measure_lesion(volume_of(g, [](int, int, int) { return 0; }), block(other, {1, 1, 1}, {2, 2, 1})),
               GeometryError);
}

}  // namespace
}  // namespace punctum
