#include "inference/training/click_simulation.hpp"

#include <gtest/gtest.h>

namespace punctum::network {
namespace {

torch::Tensor cube(std::int64_t side, std::int64_t from, std::int64_t count) {
  auto mask = torch::zeros({side, side, side}, torch::kBool);
  mask.narrow(0, from, count).narrow(1, from, count).narrow(2, from, count).fill_(true);
  return mask;
}

bool at(const torch::Tensor& mask, const SimulatedClick& click) {
  return mask[click.place[0]][click.place[1]][click.place[2]].item<bool>();
}

TEST(CorrectingClick, LiesInAnErrorAndSaysWhichKind) {
  std::mt19937_64 random(1);
  const auto truth = cube(24, 4, 10), marked = cube(24, 9, 10);
  for (int i = 0; i < 100; ++i) {
    const auto click = correcting_click(marked, truth, random);
    ASSERT_TRUE(click);
    EXPECT_NE(at(marked, *click), at(truth, *click));
    EXPECT_EQ(click->positive, at(truth, *click));
  }
}

TEST(CorrectingClick, IsOftenTheDeepestPlaceOfTheErrors) {
  std::mt19937_64 random(1);
  const auto truth = cube(25, 8, 9), nothing = torch::zeros_like(truth);
  int centre = 0;
  for (int i = 0; i < 200; ++i) {
    const auto click = correcting_click(nothing, truth, random);
    ASSERT_TRUE(click);
    centre += click->place == std::array<std::int64_t, 3>{12, 12, 12};
  }
  EXPECT_GT(centre, 60);
  EXPECT_LT(centre, 130);
}

TEST(CorrectingClick, IsNoneWhereMaskAndTruthAgree) {
  std::mt19937_64 random(1);
  EXPECT_FALSE(correcting_click(cube(12, 3, 4), cube(12, 3, 4), random));
}

TEST(FlawedMask, HasAnErrorToCorrectButMostlyShowsTheSameLesion) {
  std::mt19937_64 random(7);
  const auto truth = cube(40, 12, 14);
  int different = 0, overlapping = 0;
  for (int i = 0; i < 60; ++i) {
    const auto mask = flawed_mask(truth, random);
    EXPECT_EQ(mask.sizes(), truth.sizes());
    different += mask.logical_xor(truth).any().item<bool>();
    overlapping += mask.logical_and(truth).any().item<bool>();
  }
  EXPECT_GE(different, 55);
  EXPECT_GE(overlapping, 55);
}

}  // namespace
}  // namespace punctum::network
