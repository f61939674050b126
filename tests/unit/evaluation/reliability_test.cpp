#include "inference/evaluation/reliability.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace punctum {
namespace {

/// Two labels; the first is true as often as a logit says, and stated as if the logit were `sharpness` times as large.
std::vector<Answer> answers_of_a_model(double sharpness, int count = 4000) {
  std::mt19937_64 random(7);
  const auto uniform = [&] { return static_cast<double>(random() % 1000003) / 1000003; };
  const auto sigmoid = [](double z) { return 1 / (1 + std::exp(-z)); };
  std::vector<Answer> answers;
  for (int i = 0; i < count; ++i) {
    const double logit = 6 * uniform() - 3;
    const int label = uniform() < sigmoid(logit) ? 0 : 1;
    const double stated = sigmoid(sharpness * logit);
    answers.push_back({{stated, 1 - stated}, label});
  }
  return answers;
}

TEST(Reliability, OfAnHonestModelIsNearZeroError) {
  const auto r = measure_reliability(answers_of_a_model(1));
  EXPECT_LT(r.ece, 0.03);
  EXPECT_EQ(r.bins.size(), 15U);
}

TEST(Reliability, OfAnOverconfidentModelIsNot) {
  const auto honest = measure_reliability(answers_of_a_model(1)), loud = measure_reliability(answers_of_a_model(3));
  EXPECT_GT(loud.ece, 0.10);
  EXPECT_GT(loud.nll, honest.nll);
  EXPECT_GT(loud.brier, honest.brier);
}

TEST(Reliability, IsKnownByHandForTwoAnswers) {
  const auto r = measure_reliability({{{0.8, 0.2}, 0}, {{0.6, 0.4}, 1}});
  EXPECT_NEAR(r.ece, 0.5 * 0.2 + 0.5 * 0.6, 1e-12);
  EXPECT_NEAR(r.brier, 0.5 * (0.04 + 0.04) + 0.5 * (0.36 + 0.36), 1e-12);
  EXPECT_NEAR(r.nll, -0.5 * (std::log(0.8) + std::log(0.4)), 1e-12);
}

TEST(Reliability, BinsHoldEquallyManyAnswers) {
  const auto r = measure_reliability(answers_of_a_model(1, 100));
  for (const auto& bin : r.bins) EXPECT_TRUE(bin.count == 6 || bin.count == 7) << bin.count;
}

TEST(Temperature, FindsWhatTheModelExaggerates) {
  EXPECT_NEAR(fit_temperature(answers_of_a_model(3), 1), 3, 0.2);
  EXPECT_NEAR(fit_temperature(answers_of_a_model(0.5), 1), 0.5, 0.05);
}

TEST(Temperature, KnowsThatTheAnswersHadOneAlready) { EXPECT_NEAR(fit_temperature(answers_of_a_model(3), 2), 6, 0.4); }

TEST(Temperature, OfOneChangesNothingAndAHigherOneSoftens) {
  const std::vector<Answer> answers{{{0.7, 0.2, 0.1}, 0}};
  EXPECT_NEAR(at_temperature(answers, 1, 1)[0].probabilities[0], 0.7, 1e-9);
  const auto soft = at_temperature(answers, 1, 2)[0].probabilities;
  EXPECT_NEAR(soft[0], std::sqrt(0.7) / (std::sqrt(0.7) + std::sqrt(0.2) + std::sqrt(0.1)), 1e-9);
}

TEST(Abstention, TakesTheLowestThresholdThatIsRightOftenEnough) {
  std::vector<Answer> answers;
  for (int i = 0; i < 50; ++i) answers.push_back({{0.95, 0.05}, 0});
  for (int i = 0; i < 50; ++i) answers.push_back({{0.7, 0.3}, i % 2});
  const double threshold = abstention_threshold(answers);
  EXPECT_GT(threshold, 0.7);
  EXPECT_LE(threshold, 0.95);
  EXPECT_DOUBLE_EQ(at_threshold(answers, threshold).coverage, 0.5);
  EXPECT_DOUBLE_EQ(at_threshold(answers, threshold).accuracy, 1);
}

TEST(Abstention, IsNotNeededWhereAllAnswersAreGood) {
  EXPECT_DOUBLE_EQ(abstention_threshold(std::vector<Answer>(30, {{0.6, 0.4}, 0})), 0);
}

TEST(Abstention, HidesEveryAnswerOfAModelThatGuesses) {
  std::vector<Answer> answers;
  for (int i = 0; i < 100; ++i) answers.push_back({{0.6, 0.4}, i % 2});
  EXPECT_DOUBLE_EQ(abstention_threshold(answers), 1);
  EXPECT_DOUBLE_EQ(at_threshold(answers, 1).coverage, 0);
}

TEST(Abstention, DoesNotTrustAHandfulOfAnswers) {
  std::vector<Answer> answers(5, {{0.99, 0.01}, 0});
  for (int i = 0; i < 100; ++i) answers.push_back({{0.6, 0.4}, i % 2});
  EXPECT_DOUBLE_EQ(abstention_threshold(answers), 1);
}

}  // namespace
}  // namespace punctum
