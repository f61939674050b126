// Cubes cut from crops: whatever is varied, image, truth and click stay together.
#include "inference/training/batch.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace punctum::network {
namespace {

constexpr int size = 32, cube = 20;

/// 300 HU where x > y > z within a box about the middle, which no mirror image of it is; -50 HU around it.
TrainingCrop lopsided_crop() {
  TrainingCrop crop;
  crop.size = size;
  crop.spacing_mm = 3;
  crop.labels = {1, -1, 0, -1, 1};
  for (int z = 0; z < size; ++z) {
    for (int y = 0; y < size; ++y) {
      for (int x = 0; x < size; ++x) {
        const bool inside = std::min({x, y, z}) >= 11 && std::max({x, y, z}) < 22 && x >= y && y >= z;
        crop.hu.push_back(inside ? 300 : -50);
        crop.truth.push_back(inside);
      }
    }
  }
  return crop;
}

TEST(BatchBuilder, ImageTruthAndClickStayTogetherHoweverTheCropIsVaried) {
  const auto crop = lopsided_crop();
  std::mt19937_64 random(5);
  BatchBuilder builder(cube, random);
  constexpr std::int64_t samples = 60;
  for (std::int64_t i = 0; i < samples; ++i) builder.add(crop);
  const auto batch = builder.build();
  ASSERT_EQ(batch.hu.sizes(), (std::vector<std::int64_t>{samples, cube, cube, cube}));
  double lowest = 0, highest = -100;
  std::set<std::vector<float>> clicks;
  for (std::int64_t i = 0; i < samples; ++i) {
    const auto inside = batch.truth[i][0] > 0;
    const auto lesion = batch.hu[i].masked_select(inside), around = batch.hu[i].masked_select(~inside);
    ASSERT_GT(lesion.numel(), 0);
    EXPECT_EQ(lesion.min().item<float>(), lesion.max().item<float>());
    EXPECT_NEAR(lesion.min().item<float>() - around.max().item<float>(), 350, 1e-3) << "only the density shifts";
    const auto at = batch.first_click[i].to(torch::kLong);
    const auto z = at[0].item<std::int64_t>(), y = at[1].item<std::int64_t>(), x = at[2].item<std::int64_t>();
    EXPECT_TRUE(inside[z][y][x].item<bool>()) << "sample " << i;
    const auto shift = around.max().item<double>() + 50;
    lowest = std::min(lowest, shift), highest = std::max(highest, shift);
    clicks.insert({static_cast<float>(z), static_cast<float>(y), static_cast<float>(x)});
  }
  EXPECT_GT(clicks.size(), 20u);
  EXPECT_LT(lowest, -5);
  EXPECT_GT(highest, 5);
  EXPECT_EQ(batch.labels[7].equal(torch::tensor({1L, -1L, 0L, -1L, 1L})), true);
  EXPECT_EQ(batch.spacing_mm[7].item<float>(), 3);
}

TEST(CentredBatch, ShowsTheCropAsItIsClickedInItsCentre) {
  const auto crop = lopsided_crop();
  const auto batch = centred_batch(crop, cube);
  const auto at = [&](int z, int y, int x) { return crop.hu[static_cast<std::size_t>((z * size + y) * size + x)]; };
  constexpr int start = (size - cube) / 2;
  EXPECT_EQ(batch.hu[0][5][6][11].item<float>(), at(start + 5, start + 6, start + 11));
  EXPECT_EQ(batch.hu[0][10][10][10].item<float>(), 300);
  EXPECT_TRUE(batch.first_click[0].equal(torch::full({3}, static_cast<float>(size / 2 - start))));
}

}  // namespace
}  // namespace punctum::network
