#include "inference/evaluation/resampling.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace punctum {
namespace {

double mean(const Sums& sums) { return sums[0] / sums[1]; }

std::vector<Sums> run_at(double level, int patients) {
  std::vector<Sums> run;
  for (int i = 0; i < patients; ++i) run.push_back({level + 0.01 * (i % 5), 1});
  return run;
}

TEST(CrossedBootstrap, OfOneRunIsOverItsPatients) {
  const auto found = estimate_crossed({run_at(0.5, 40)}, mean);
  EXPECT_NEAR(found.value.mean, 0.52, 1e-12);
  EXPECT_EQ(found.value.count, 40U);
  EXPECT_NEAR(found.value.high - found.value.low, 2 * 1.96 * 0.01414 / std::sqrt(40.0), 0.002);
  EXPECT_LT(found.p, 0.01);
}

TEST(CrossedBootstrap, IsWiderWhereRunsDiffer) {
  const auto alike = estimate_crossed({run_at(0.5, 40), run_at(0.5, 40), run_at(0.5, 40)}, mean);
  const auto apart = estimate_crossed({run_at(0.4, 40), run_at(0.5, 40), run_at(0.6, 40)}, mean);
  EXPECT_NEAR(apart.value.mean, alike.value.mean, 1e-12);
  EXPECT_GT(apart.value.high - apart.value.low, 5 * (alike.value.high - alike.value.low));
}

TEST(CrossedBootstrap, WeighsPatientsByTheirLesions) {
  const auto found = estimate_crossed({{{3, 3}, {0, 1}}}, mean);
  EXPECT_DOUBLE_EQ(found.value.mean, 0.75);
}

TEST(CrossedBootstrap, LeavesOutDrawsOfWhichNothingIsKnown) {
  const auto found = estimate_crossed({{{1, 1}, {0, 0}, {0, 0}}}, mean);
  EXPECT_DOUBLE_EQ(found.value.low, 1);
  EXPECT_DOUBLE_EQ(found.value.high, 1);
  EXPECT_EQ(estimate_crossed({{{0, 0}, {0, 0}}}, mean).value.count, 0U);
}

TEST(CrossedBootstrap, OfNoDifferenceProvesNone) {
  EXPECT_DOUBLE_EQ(estimate_crossed({{{0, 1}, {0, 1}, {0, 1}}}, mean).p, 1);
}

}  // namespace
}  // namespace punctum
