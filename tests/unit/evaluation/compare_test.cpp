#include "inference/evaluation/compare.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "dicom/types/error.hpp"
#include "tests/unit/evaluation/trials.hpp"

namespace punctum {
namespace {

using ::testing::HasSubstr;

EvaluationRun run_at(double dice, int from, int to) {
  std::vector<CaseTrial> trials;
  for (int i = from; i < to; ++i) trials.push_back(test::trial("case " + std::to_string(i), {dice + 0.001 * (i % 7)}));
  return test::run_of(trials);
}

ComparedValue value_named(const RunComparison& comparison, const std::string& what) {
  for (const auto& value : comparison.values) {
    if (value.what == what) return value;
  }
  throw StorageError("no value " + what);
}

TEST(Comparison, IsOverTheLesionsThatBothTried) {
  const auto comparison = compare_runs(run_at(0.6, 0, 30), run_at(0.7, 10, 35));
  EXPECT_EQ(comparison.lesions, 20U);
  EXPECT_EQ(comparison.only_first, 10U);
  EXPECT_EQ(comparison.only_second, 5U);
  const auto dice = value_named(comparison, "DSC after 1 click").values;
  EXPECT_NEAR(dice.difference.mean, 0.1, 1e-9);
  EXPECT_LT(dice.p, 0.01);
}

TEST(Comparison, RefusesOtherLesionsOfTheSameName) {
  auto other = run_at(0.7, 0, 30);
  other.trials.at(3).volume_ml = 9;
  EXPECT_THROW(compare_runs(run_at(0.6, 0, 30), other), StorageError);
  auto renamed = run_at(0.7, 0, 30);
  renamed.trials.at(3).labels = {1, 1, 1, 1, 1};
  EXPECT_THROW(compare_runs(run_at(0.6, 0, 30), renamed), StorageError);
}

TEST(Comparison, OfARunWithItselfFindsNothing) {
  const auto run = run_at(0.6, 0, 30);
  for (const auto& value : compare_runs(run, run).values) {
    EXPECT_DOUBLE_EQ(value.values.difference.mean, 0) << value.what;
    EXPECT_DOUBLE_EQ(value.values.p, 1) << value.what;
  }
}

TEST(Comparison, CountsAttributesOnlyWhereTheTruthIsKnown) {
  auto first = run_at(0.6, 0, 4), second = first;
  for (std::size_t i = 0; i < 4; ++i) {
    first.trials[i].labels = second.trials[i].labels = {i < 2 ? 0 : -1, 0, 0, 0, 0};
    first.trials[i].outcomes[0].answers = test::naming({1, 0, 0, 0, 0});
    second.trials[i].outcomes[0].answers = test::naming({0, 0, 0, 0, 0});
  }
  const auto comparison = compare_runs(first, second);
  const auto shape = value_named(comparison, "Shape, accuracy after 1 click");
  EXPECT_EQ(shape.lesions, 2U);
  EXPECT_DOUBLE_EQ(shape.values.difference.mean, 1);
}

TEST(Comparison, RefusesRunsWithoutACommonLesion) {
  EXPECT_THROW(compare_runs(run_at(0.6, 0, 5), run_at(0.6, 5, 9)), StorageError);
}

TEST(Comparison, IsPrintedAsATable) {
  const auto text = as_markdown(compare_runs(run_at(0.6, 0, 30), run_at(0.7, 0, 30)));
  EXPECT_THAT(text, HasSubstr("| DSC after 1 click | 30 | 0.603 | 0.703 | +0.100 [+0.100, +0.100]"));
}

}  // namespace
}  // namespace punctum
