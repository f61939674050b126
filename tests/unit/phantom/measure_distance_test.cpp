#include <gtest/gtest.h>

#include <cmath>

#include "inference/measure/distance_transform.hpp"
#include "inference/phantom/random.hpp"

namespace punctum {
namespace {

TEST(DistanceToSet, EqualsTheDistanceFoundByTryingAllVoxels) {
  const MaskGrid grid{9, 7, 5, 0.7, 1.1, 2.5};
  std::vector<std::uint8_t> set(grid.size());
  for (std::size_t i = 0; i < set.size(); ++i) set[i] = phantom::mix(i) % 23 == 0;
  const auto found = distance_to_set(set, grid);
  for (int z = 0; z < 5; ++z) {
    for (int y = 0; y < 7; ++y) {
      for (int x = 0; x < 9; ++x) {
        double nearest = 1e9;
        for (int k = 0; k < 5; ++k) {
          for (int j = 0; j < 7; ++j) {
            for (int i = 0; i < 9; ++i) {
              if (set[grid.index(i, j, k)] == 0) continue;
              nearest = std::min(nearest, std::sqrt(std::pow((x - i) * 0.7, 2) + std::pow((y - j) * 1.1, 2) +
                                                    std::pow((z - k) * 2.5, 2)));
            }
          }
        }
        ASSERT_NEAR(found[grid.index(x, y, z)], nearest, 1e-5) << x << ' ' << y << ' ' << z;
      }
    }
  }
}

TEST(DistanceToSet, IsInfiniteWhereNothingIsSet) {
  const MaskGrid grid{3, 3, 2};
  for (const float d : distance_to_set(std::vector<std::uint8_t>(grid.size(), 0), grid)) EXPECT_TRUE(std::isinf(d));
}

TEST(DeepestVoxel, IsTheMiddleOfABlock) {
  const MaskGrid grid{9, 9, 9};
  std::vector<std::uint8_t> mask(grid.size(), 0);
  for (int z = 2; z < 7; ++z) {
    for (int y = 1; y < 8; ++y) {
      for (int x = 3; x < 8; ++x) mask[grid.index(x, y, z)] = 1;
    }
  }
  const auto v = deepest_voxel(mask, grid);
  ASSERT_TRUE(v);
  EXPECT_EQ(v->x, 5);
  EXPECT_EQ(v->z, 4);
}

TEST(DeepestVoxel, CountsTheEndOfTheGridAsOutside) {
  const MaskGrid grid{5, 5, 5};
  EXPECT_EQ(deepest_voxel(std::vector<std::uint8_t>(grid.size(), 1), grid), (VoxelIndex{2, 2, 2}));
}

TEST(DeepestVoxel, IsNothingForAnEmptyMask) {
  const MaskGrid grid{4, 4, 4};
  EXPECT_FALSE(deepest_voxel(std::vector<std::uint8_t>(grid.size(), 0), grid));
}

}  // namespace
}  // namespace punctum
