#include "inference/evaluation/plain_tissue.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/grids.hpp"
#include "tests/unit/node/ball_segmenter.hpp"

namespace punctum {
namespace {

/// A cube of 60 mm: tissue but for air at low x, and a lesion in the middle.
EvaluationCase body(std::int16_t tissue_hu = 40) {
  const auto geometry = test::grid({60, 60, 60, 1, 1, 1});
  auto volume = std::make_shared<Volume>(Volume{geometry, std::vector<std::int16_t>(60 * 60 * 60, tissue_hu)});
  for (std::size_t i = 0; i < volume->hu.size(); ++i) {
    if (i % 60 < 10) volume->hu[i] = -1000;
  }
  return {"a/1", "a", "block", "test", volume, "a", test::block(geometry, {28, 28, 28}, {4, 4, 4}), {0, 0, 0, 0, 0}};
}

TEST(PlainTissue, IsClickedFarFromLesionsAndNeverInAir) {
  test::BallSegmenter segmenter;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto clicks = click_plain_tissue(segmenter, {body()}, "a", seed);
    ASSERT_EQ(clicks.size(), 2U);
    for (const auto& [series, voxel, ml] : clicks) {
      EXPECT_GT(voxel.x, 10);
      const auto off = [](int at) { return std::max({28 - at, at - 31, 0}); };
      EXPECT_GE(std::max({off(voxel.x), off(voxel.y), off(voxel.z)}), 15);
    }
  }
}

TEST(PlainTissue, AnswersAreMeasuredInMillilitres) {
  test::BallSegmenter segmenter;
  const auto clicks = click_plain_tissue(segmenter, {body()}, "a", 1);
  EXPECT_NEAR(clicks.at(0).answer_ml, 0.033, 1e-9) << "a ball of 33 voxels of a microlitre";
  segmenter.finds_nothing = true;
  EXPECT_EQ(click_plain_tissue(segmenter, {body()}, "a", 1).at(0).answer_ml, 0);
}

TEST(PlainTissue, TheSameSeedGivesTheSameClicks) {
  test::BallSegmenter segmenter;
  const auto voxels = [&](std::uint64_t seed) {
    const auto clicks = click_plain_tissue(segmenter, {body()}, "a", seed);
    return std::pair(clicks.at(0).voxel, clicks.at(1).voxel);
  };
  EXPECT_EQ(voxels(1), voxels(1));
  EXPECT_NE(voxels(1), voxels(2));
}

TEST(PlainTissue, WhereThereIsNoneNothingIsClicked) {
  test::BallSegmenter segmenter;
  EXPECT_TRUE(click_plain_tissue(segmenter, {body(-1000)}, "a", 1).empty());
  EXPECT_TRUE(click_plain_tissue(segmenter, {}, "a", 1).empty());
}

TEST(PlainTissue, ScoresEmptyAnswersAndTheLargeOnes) {
  std::vector<PlainClick> clicks;
  for (const double ml : {0.0, 4.0, 0.0, 1.0, 20.0}) clicks.push_back({"a", {}, ml});
  const auto score = score_plain_tissue(clicks);
  EXPECT_EQ(score.clicks, 5U);
  EXPECT_EQ(score.empty, 2U);
  EXPECT_EQ(score.median_ml, 1);
  EXPECT_EQ(score.upper_quartile_ml, 4);
  EXPECT_EQ(score.largest_ml, 20);
  EXPECT_EQ(score_plain_tissue({}).clicks, 0U);
}

}  // namespace
}  // namespace punctum
