#include "inference/model/region_numbers.hpp"

#include <gtest/gtest.h>

namespace punctum::network {
namespace {

constexpr std::int64_t side = 48;

torch::Tensor ball(double radius, double stretch = 1) {
  const auto at = torch::arange(side, torch::kFloat) - 23.5;
  const auto z = (at / stretch).square().view({-1, 1, 1}), y = at.square().view({1, -1, 1}),
             x = at.square().view({1, 1, -1});
  return (z + y + x <= radius * radius).to(torch::kFloat).view({1, 1, side, side, side});
}

/// Distance to the middle of the cube in voxels.
torch::Tensor from_middle() {
  const auto at = (torch::arange(side, torch::kFloat) - 23.5).square();
  return torch::sqrt(at.view({-1, 1, 1}) + at.view({1, -1, 1}) + at.view({1, 1, -1})).view({1, 1, side, side, side});
}

/// Slope for the height of the step in the steepest layer around the border of a ball of radius 8 whose border is so
/// wide (logistic), as seen with a mask of this radius.
double steepest_layer(double width, double mask_radius, double contrast_hu) {
  torch::manual_seed(1);
  const auto hu =
      40 + contrast_hu * torch::sigmoid((8 - from_middle()) / width) + 8 * torch::randn({1, 1, side, side, side});
  const auto image = torch::cat({hu / 500, (hu.clamp(-160, 240) - 40) / 200}, 1);
  return region_numbers(image, (ball(mask_radius) * 2 - 1) * 6, torch::full({1}, 1.5))[0]
      .slice(0, 62, 67)
      .max()
      .item<double>();
}

/// Numbers of a mask in a body of 40 HU, the lesion so much denser.
torch::Tensor numbers_of(const torch::Tensor& mask, double contrast_hu, double spacing_mm = 1.5) {
  const auto hu = 40 + mask * contrast_hu;
  const auto image = torch::cat({hu / 500, (hu.clamp(-160, 240) - 40) / 200}, 1);
  return region_numbers(image, (mask * 2 - 1) * 6, torch::full({1}, spacing_mm))[0];
}

constexpr std::int64_t contrast = 35, axes = 49, log_volume = 52, fill = 53, sphericity = 54, certainty = 58;

TEST(RegionNumbers, AreAsManyAsTheHeadsExpectAndNeverInfinite) {
  for (const auto& mask : {ball(8), torch::zeros({1, 1, side, side, side}), torch::ones({1, 1, side, side, side})}) {
    const auto numbers = numbers_of(mask, 50);
    EXPECT_EQ(numbers.numel(), region_number_count);
    EXPECT_TRUE(torch::isfinite(numbers).all().item<bool>());
  }
}

TEST(RegionNumbers, TellContrastInHundredsOfHu) {
  EXPECT_NEAR(numbers_of(ball(8), 60)[contrast].item<double>(), 0.6, 0.01);
  EXPECT_NEAR(numbers_of(ball(8), -80)[contrast].item<double>(), -0.8, 0.01);
}

TEST(RegionNumbers, TellExtentsVolumeAndCompactness) {
  const auto round = numbers_of(ball(8), 50), longish = numbers_of(ball(6, 2.5), 50);
  EXPECT_NEAR(round[axes].item<double>(), 0.5 * std::log(12.0), 0.02);
  EXPECT_NEAR(round[log_volume].item<double>(), 0.5 * std::log10(4.0 / 3 * 3.14159 * 1728), 0.02);
  EXPECT_NEAR(round[fill].item<double>(), 1, 0.03);
  EXPECT_NEAR(longish[fill].item<double>(), 1, 0.03);
  EXPECT_GT(round[sphericity].item<double>(), longish[sphericity].item<double>() + 0.05);
  EXPECT_NEAR(longish[axes + 2].item<double>() - longish[axes].item<double>(), 0.5 * std::log(2.5), 0.03);
  EXPECT_GT(round[certainty].item<double>(), 0.85);  // small probabilities all around count against it
}

TEST(RegionNumbers, ScaleWithTheSpacing) {
  const auto fine = numbers_of(ball(8), 50), coarse = numbers_of(ball(8), 50, 3.0);
  EXPECT_NEAR(coarse[axes].item<double>() - fine[axes].item<double>(), 0.5 * std::log(2.0), 1e-4);
}

TEST(RegionNumbers, TellASharpEdgeFromAWideOneWhateverItsHeightAndThoughTheMaskMissesIt) {
  for (const double contrast_hu : {60.0, 120.0, -80.0}) {
    for (const double radius : {7.0, 8.0, 9.0}) {
      EXPECT_GT(steepest_layer(0.3, radius, contrast_hu), steepest_layer(1.6, radius, contrast_hu) + 0.02)
          << contrast_hu << " HU, mask of radius " << radius;
    }
  }
}

TEST(RegionNumbers, AreNearOneInSizeWhenStandardized) {
  const auto numbers = standardized(numbers_of(ball(8), 60).unsqueeze(0));
  EXPECT_LE(numbers.abs().max().item<double>(), 5);
  EXPECT_LT(numbers.abs().mean().item<double>(), 2);
}

}  // namespace
}  // namespace punctum::network
