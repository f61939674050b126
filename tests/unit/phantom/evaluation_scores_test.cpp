#include <gtest/gtest.h>

#include <limits>

#include "inference/evaluation/scores.hpp"

namespace punctum {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

LesionTrial trial(std::array<int, attribute_count> labels, std::array<int, attribute_count> named,
                  std::vector<double> dices) {
  LesionTrial made{1, 1.0, labels, named, {}};
  for (const double d : dices) made.clicks.push_back({d, d == 0 ? infinite : 2, d / (2 - d), d / (2 - d), true});
  return made;
}

TEST(ClickScore, AveragesOverLesionsAfterTheSameNumberOfClicks) {
  const std::vector trials{trial({}, {}, {0.4, 0.6, 0.8}), trial({}, {}, {0.8, 0.9, 1.0})};
  EXPECT_NEAR(score_after(trials, 1).mean_dice, 0.6, 1e-12);
  EXPECT_NEAR(score_after(trials, 3).mean_dice, 0.9, 1e-12);
}

TEST(ClickScore, ALesionThatNeededFewerClicksKeepsItsLastResult) {
  EXPECT_NEAR(score_after({trial({}, {}, {0.5, 1.0})}, 5).mean_dice, 1.0, 1e-12);
}

TEST(ClickScore, EmptyResultsAreCountedAndLeftOutOfTheDistance) {
  const auto score = score_after({trial({}, {}, {0.0}), trial({}, {}, {0.9})}, 1);
  EXPECT_EQ(score.empty, 1U);
  EXPECT_DOUBLE_EQ(score.median_hd95_mm, 2);
  EXPECT_NEAR(score.mean_dice, 0.45, 1e-12);
}

TEST(AttributeScore, StandsBesideTheCommonestLabel) {
  std::vector<LesionTrial> trials;
  for (int i = 0; i < 8; ++i) trials.push_back(trial({0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}, {1}));
  for (int i = 0; i < 2; ++i) trials.push_back(trial({3, 2, 1, 1, 1}, {0, 2, 1, 1, 1}, {1}));
  const auto scores = score_attributes(trials);
  ASSERT_EQ(scores.size(), attribute_count);
  EXPECT_NEAR(scores[0].accuracy, 0.8, 1e-12);
  EXPECT_NEAR(scores[0].balanced_accuracy, 0.5, 1e-12);
  EXPECT_NEAR(scores[0].majority, 0.8, 1e-12);
  EXPECT_NEAR(scores[1].accuracy, 1.0, 1e-12);
}

TEST(AttributeScore, IsAbsentForUntrainedHeads) {
  auto one = trial({}, {}, {1});
  one.named.reset();
  EXPECT_TRUE(score_attributes({one}).empty());
}

}  // namespace
}  // namespace punctum
