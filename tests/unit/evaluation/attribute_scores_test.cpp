#include "inference/evaluation/attribute_scores.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/unit/evaluation/trials.hpp"

namespace punctum {
namespace {

using test::naming;
using test::run_of;
using test::trial;

CaseTrial labelled(std::array<int, attribute_count> labels, std::array<int, attribute_count> named) {
  static int number = 0;
  auto made = trial("case " + std::to_string(++number), {0.8});
  made.labels = labels;
  made.outcomes[0].answers = naming(named);
  return made;
}

AttributeScores scores_of(const std::vector<CaseTrial>& trials) {
  const auto run = run_of(trials);
  return score_attributes(run, trials_of(run, "jittered"), 1);
}

TEST(AttributeScore, StandsBesideTheCommonestLabel) {
  std::vector<CaseTrial> trials;
  for (int i = 0; i < 8; ++i) trials.push_back(labelled({0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}));
  for (int i = 0; i < 2; ++i) trials.push_back(labelled({3, 2, 1, 1, 1}, {0, 2, 1, 1, 1}));
  const auto scores = scores_of(trials);
  ASSERT_EQ(scores.each.size(), attribute_count);
  const auto& shape = scores.each[0];
  EXPECT_NEAR(shape.accuracy.mean, 0.8, 1e-12);
  EXPECT_NEAR(shape.majority, 0.8, 1e-12);
  EXPECT_NEAR(shape.whole.balanced_accuracy.mean, 0.5, 1e-12);
  EXPECT_NEAR(shape.chance, 0.5, 1e-12);
  EXPECT_NEAR(shape.macro_f1, 0.5 * (2 * 8.0 / 18), 1e-12);
  EXPECT_EQ(shape.confusion[3][0], 2U);
  EXPECT_EQ(shape.confusion[0][0], 8U);
  EXPECT_NEAR(scores.each[1].accuracy.mean, 1, 1e-12);
  EXPECT_NEAR(scores.all_five.mean, 0.8, 1e-12);
}

TEST(AttributeScore, WholeSamplesHaveIntervalsToo) {
  std::vector<CaseTrial> trials;
  for (int i = 0; i < 100; ++i) trials.push_back(labelled({0, 0, 0, 0, 0}, {0, i % 5 == 0 ? 1 : 0, 0, 0, 0}));
  for (int i = 0; i < 50; ++i) trials.push_back(labelled({1, 1, 1, 1, 1}, {1, i % 2, 1, 1, 1}));
  const auto scores = scores_of(trials);
  const auto& density = scores.each[1].whole.balanced_accuracy;
  EXPECT_NEAR(density.mean, 0.5 * (0.8 + 0.5), 1e-12);
  // Half the sum of two shares with standard errors of 0.04 (80 of 100) and 0.071 (25 of 50).
  EXPECT_NEAR(density.low, density.mean - 1.96 * 0.041, 0.015);
  EXPECT_NEAR(density.high, density.mean + 1.96 * 0.041, 0.015);
  EXPECT_NEAR(scores.mean_whole.balanced_accuracy.mean, (4 + density.mean) / 5, 1e-12);
  EXPECT_NEAR(scores.each[0].whole.balanced_accuracy.low, 1, 1e-12) << "always right, in every draw";
}

TEST(AttributeScore, CalibrationErrorsStandBesideThoseOfPerfectCalibration) {
  std::mt19937_64 random(3);
  std::vector<CaseTrial> trials;
  for (int i = 0; i < 300; ++i) {
    const int right_nine_times_of_ten = random() % 10 == 0 ? 1 : 0;  // named with a confidence of 0.9
    trials.push_back(labelled({0, 0, 0, 0, 0}, {right_nine_times_of_ten, 0, 0, 0, 0}));
  }
  const auto scores = scores_of(trials);
  const auto& as_often_as_said = scores.each[0].whole.ece;
  EXPECT_NEAR(as_often_as_said.value, scores.each[0].calibrated.ece, 1e-12);
  EXPECT_LT(as_often_as_said.value, as_often_as_said.if_perfect_high);
  // Of 15 bins of 20 answers each is off by 0.8 standard errors of 0.067 in the mean.
  EXPECT_NEAR(as_often_as_said.if_perfect, 0.8 * 0.067, 0.01);
  EXPECT_EQ(as_often_as_said.count, 300U);
  const auto& too_modest = scores.each[1].whole.ece;  // always right
  EXPECT_NEAR(too_modest.value, 0.1, 1e-9);
  EXPECT_GT(too_modest.value, too_modest.if_perfect_high);
}

TEST(AttributeScore, CountsOnlyLesionsWithALabel) {
  const auto scores =
      scores_of({labelled({0, -1, 0, 0, 0}, {0, 1, 0, 0, 0}), labelled({1, 1, 0, 0, 0}, {0, 1, 0, 0, 0})});
  EXPECT_EQ(scores.each[1].whole.balanced_accuracy.count, 1U);
  EXPECT_EQ(scores.each[1].whole.ece.count, 1U);
}

TEST(AttributeScore, LeavesOutUnknownLabels) {
  const auto scores =
      scores_of({labelled({0, -1, 0, 0, 0}, {0, 1, 0, 0, 0}), labelled({1, 1, 0, 0, 0}, {0, 1, 0, 0, 0})});
  EXPECT_EQ(scores.each[1].known, 1U);
  EXPECT_NEAR(scores.each[1].accuracy.mean, 1, 1e-12);
  EXPECT_EQ(scores.all_five.count, 1U);
}

TEST(AttributeScore, NoAnswerIsNoRightAnswer) {
  auto silent = labelled({0, 0, 0, 0, 0}, {0, 0, 0, 0, 0});
  silent.outcomes[0].answers.clear();
  const auto scores = scores_of({silent, labelled({0, 0, 0, 0, 0}, {0, 0, 0, 0, 0})});
  EXPECT_EQ(scores.each[0].answered, 1U);
  EXPECT_NEAR(scores.each[0].accuracy.mean, 0.5, 1e-12);
}

TEST(AttributeScore, IsAbsentForUntrainedHeads) {
  auto silent = labelled({0, 0, 0, 0, 0}, {0, 0, 0, 0, 0});
  silent.outcomes[0].answers.clear();
  EXPECT_TRUE(scores_of({silent}).each.empty());
}

TEST(AttributeScore, TellsBeforeFromAfterTemperature) {
  auto run = run_of({labelled({0, 0, 0, 0, 0}, {0, 0, 0, 0, 0})});
  run.temperatures = {2, 1, 1, 1, 1};
  const auto scores = score_attributes(run, trials_of(run, "jittered"), 1);
  EXPECT_LT(scores.each[0].raw.nll, scores.each[0].calibrated.nll);  // T = 2 has softened a right answer
  EXPECT_NEAR(scores.each[1].raw.nll, scores.each[1].calibrated.nll, 1e-9);
}

}  // namespace
}  // namespace punctum
