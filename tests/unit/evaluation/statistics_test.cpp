#include "inference/evaluation/statistics.hpp"

#include <gtest/gtest.h>

namespace punctum {
namespace {

std::vector<Observation> values(int count, double low, double high) {
  std::vector<Observation> made;
  for (int i = 0; i < count; ++i) made.push_back({"p" + std::to_string(i), i % 2 == 0 ? low : high});
  return made;
}

TEST(MeanEstimate, HoldsTheMeanWithinItsInterval) {
  const auto e = estimate_mean(values(100, 0.4, 0.8));
  EXPECT_NEAR(e.mean, 0.6, 1e-12);
  // The mean of 100 values of SD 0.2 has a standard error of 0.02.
  EXPECT_NEAR(e.low, 0.6 - 1.96 * 0.02, 0.006);
  EXPECT_NEAR(e.high, 0.6 + 1.96 * 0.02, 0.006);
  EXPECT_EQ(e.count, 100U);
}

TEST(MeanEstimate, IsTheSameForTheSameValues) {
  EXPECT_EQ(estimate_mean(values(31, 0, 1)).low, estimate_mean(values(31, 0, 1)).low);
}

TEST(MeanEstimate, LesionsOfOnePatientAreNotTakenAsIndependent) {
  auto apart = values(40, 0, 1), together = apart;
  for (std::size_t i = 0; i < together.size(); ++i) together[i].patient = i % 2 == 0 ? "a" : "b";
  EXPECT_GT(estimate_mean(together).high - estimate_mean(together).low, 0.9);
  EXPECT_LT(estimate_mean(apart).high - estimate_mean(apart).low, 0.4);
}

TEST(MeanEstimate, OfNothingCountsNothing) { EXPECT_EQ(estimate_mean({}).count, 0U); }

TEST(ShareEstimate, IsWilsonsInterval) {
  const auto e = estimate_share(8, 10);  // published: 0.490 to 0.943
  EXPECT_NEAR(e.mean, 0.8, 1e-12);
  EXPECT_NEAR(e.low, 0.490, 0.001);
  EXPECT_NEAR(e.high, 0.943, 0.001);
}

TEST(ShareEstimate, OfNoSuccessStillReachesAboveZero) {
  const auto e = estimate_share(0, 20);  // published: 0 to 0.161
  EXPECT_DOUBLE_EQ(e.low, 0);
  EXPECT_NEAR(e.high, 0.161, 0.001);
}

TEST(PairedComparison, FindsASmallDifferenceThatIsTheSameEverywhere) {
  std::vector<PairedObservation> pairs;
  for (int i = 0; i < 40; ++i) {
    const double base = 0.02 * i, gain = i % 4 == 0 ? 0.0 : 0.02;
    pairs.push_back({"p" + std::to_string(i), base, base + gain});
  }
  const auto result = compare_means(pairs);
  EXPECT_NEAR(result.difference.mean, 0.015, 1e-9);
  EXPECT_GT(result.difference.low, 0);
  EXPECT_LT(result.p, 0.01);
}

TEST(PairedComparison, CallsChanceChance) {
  std::vector<PairedObservation> pairs;
  for (int i = 0; i < 40; ++i) pairs.push_back({"p" + std::to_string(i), 0.5, i % 2 == 0 ? 0.6 : 0.4});
  const auto result = compare_means(pairs);
  EXPECT_NEAR(result.difference.mean, 0, 1e-12);
  EXPECT_GT(result.p, 0.5);
}

TEST(PairedComparison, OfEqualResultsHasPOfOne) {
  std::vector<PairedObservation> pairs;
  for (int i = 0; i < 10; ++i) pairs.push_back({"p" + std::to_string(i), 0.5, 0.5});
  EXPECT_DOUBLE_EQ(compare_means(pairs).p, 1);
}

TEST(Spearman, SeesOrderNotSize) {
  EXPECT_NEAR(spearman({1, 2, 3, 4}, {1, 10, 100, 1000}).value(), 1, 1e-12);
  EXPECT_NEAR(spearman({1, 2, 3, 4}, {4, 3, 2, 1}).value(), -1, 1e-12);
  EXPECT_NEAR(spearman({1, 2, 2, 3}, {1, 2, 3, 4}).value(), 0.948683, 1e-6);  // ties share their rank
  EXPECT_FALSE(spearman({1, 1, 1}, {1, 2, 3}));
}

TEST(Median, IsTheMiddleOrBetweenTheTwoMiddleOnes) {
  EXPECT_DOUBLE_EQ(median({3, 1, 2}), 2);
  EXPECT_DOUBLE_EQ(median({4, 1, 2, 3}), 2.5);
  EXPECT_DOUBLE_EQ(median({}), 0);
}

}  // namespace
}  // namespace punctum
