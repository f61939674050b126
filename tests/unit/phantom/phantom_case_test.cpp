#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "inference/phantom/phantom.hpp"

namespace punctum {
namespace {

TEST(PhantomCase, HoldsOneToThreeLesionsApartFromEachOther) {
  for (std::uint64_t seed = 950'000; seed < 950'004; ++seed) {
    const auto made = phantom_case(seed);
    ASSERT_THAT(made.lesions.size(), testing::AllOf(testing::Ge(1U), testing::Le(3U))) << "seed " << seed;
    std::vector<std::uint8_t> taken(made.volume.hu.size(), 0);
    for (const auto& lesion : made.lesions) {
      ASSERT_EQ(lesion.mask.voxels.size(), made.volume.hu.size());
      for (std::size_t i = 0; i < taken.size(); ++i) {
        taken[i] = static_cast<std::uint8_t>(taken[i] + lesion.mask.voxels[i]);
        ASSERT_LE(taken[i], 1) << "seed " << seed << ": two lesions share a voxel";
      }
    }
  }
}

TEST(PhantomCase, ClicksLieInTheirLesionAndVolumesFollowFromTheMasks) {
  const auto made = phantom_case(950'010);
  const auto& geometry = made.volume.geometry;
  for (const auto& lesion : made.lesions) {
    const auto at = geometry.to_index(lesion.click);
    const VoxelIndex voxel{static_cast<int>(std::lround(at.x)), static_cast<int>(std::lround(at.y)),
                           static_cast<int>(std::lround(at.z))};
    EXPECT_EQ(lesion.mask.voxels[made.volume.index(voxel)], 1);
    EXPECT_NEAR(lesion.volume_ml, static_cast<double>(lesion.mask.count()) * geometry.voxel_volume_mm3() / 1000, 1e-9);
  }
}

TEST(PhantomCase, IsAModestCtOfAPerson) {
  const auto made = phantom_case(950'020);
  const auto& g = made.volume.geometry;
  EXPECT_THAT(g.columns(), testing::AllOf(testing::Ge(192), testing::Le(256)));
  EXPECT_THAT(g.slice_count(), testing::AllOf(testing::Ge(40), testing::Le(100)));
  EXPECT_THAT(g.column_spacing_mm(), testing::AllOf(testing::Ge(0.7), testing::Le(1.4)));
  EXPECT_THAT(g.slice_spacing_mm(), testing::AllOf(testing::Ge(1.0), testing::Le(5.0)));
  std::size_t air = 0, soft = 0, bone = 0;
  for (const auto hu : made.volume.hu) {
    air += hu < -700;
    soft += hu > -150 && hu < 250;
    bone += hu > 250;
  }
  const auto all = static_cast<double>(made.volume.hu.size());
  EXPECT_GT(static_cast<double>(air), 0.03 * all);
  EXPECT_GT(static_cast<double>(soft), 0.3 * all);
  EXPECT_GT(static_cast<double>(bone), 0.001 * all);
  EXPECT_THAT(made.body_part, testing::AnyOf("ABDOMEN", "CHEST", "PELVIS"));
}

TEST(PhantomCase, UidsFollowFromTheSeed) {
  const auto a = phantom_case(950'030), b = phantom_case(950'030);
  EXPECT_EQ(a.volume.geometry.slices().front().instance, b.volume.geometry.slices().front().instance);
  EXPECT_EQ(a.volume.hu, b.volume.hu);
}

}  // namespace
}  // namespace punctum
