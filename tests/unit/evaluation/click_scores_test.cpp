#include "inference/evaluation/click_scores.hpp"

#include <gtest/gtest.h>

#include "tests/unit/evaluation/trials.hpp"

namespace punctum {
namespace {

using test::run_of;
using test::trial;

TEST(ClickScore, AveragesOverLesionsAfterTheSameNumberOfClicks) {
  const auto run = run_of({trial("a", {0.4, 0.6, 0.8}), trial("b", {0.8, 0.9, 1.0})});
  EXPECT_NEAR(score_after(trials_of(run, "jittered"), 1).dice.mean, 0.6, 1e-12);
  EXPECT_NEAR(score_after(trials_of(run, "jittered"), 3).dice.mean, 0.9, 1e-12);
}

TEST(ClickScore, ALesionThatNeededFewerClicksKeepsItsLastResult) {
  const auto run = run_of({trial("a", {0.5, 1.0})});
  EXPECT_NEAR(score_after(trials_of(run, "jittered"), 5).dice.mean, 1.0, 1e-12);
}

TEST(ClickScore, EmptyResultsAreCountedAndPenalisedInTheMeanDistanceOnly) {
  const auto run = run_of({trial("a", {0.0}), trial("b", {0.9})});
  const auto score = score_after(trials_of(run, "jittered"), 1);
  EXPECT_EQ(score.empty, 1U);
  EXPECT_DOUBLE_EQ(score.median_hd95_mm, 2);
  EXPECT_NEAR(score.hd95_penalised_mm.mean, 0.5 * (2 + empty_penalty_mm), 1e-9);
  EXPECT_NEAR(score.dice.mean, 0.45, 1e-12);
}

TEST(ClickScore, SaysNothingOfAnEstimateThatTheModelDoesNotMake) {
  auto silent = trial("a", {0.5});
  silent.outcomes[0].stated_iou = 0;
  const auto run = run_of({silent});
  EXPECT_EQ(score_after(trials_of(run, "jittered"), 1).iou_error.count, 0U);
}

TEST(ProtocolScore, CountsClicksUntilGoodEnoughAndThoseThatNeverGetThere) {
  const auto run = run_of({trial("a", {0.5, 0.82, 0.86}), trial("b", {0.1, 0.2, 0.3, 0.4, 0.5})});
  const auto score = score_protocol(trials_of(run, "jittered"), 5);
  EXPECT_NEAR(score.reach[0].clicks.mean, 0.5 * (2 + 5), 1e-12);
  EXPECT_EQ(score.reach[0].failures, 1U);
  EXPECT_NEAR(score.reach[1].clicks.mean, 0.5 * (3 + 5), 1e-12);
  EXPECT_EQ(score.reach[2].failures, 2U);
}

TEST(ProtocolScore, AreaIsTheMeanHeightOfTheCurve) {
  const auto run = run_of({trial("a", {0.0, 0.5, 1.0})});
  EXPECT_NEAR(score_protocol(trials_of(run, "jittered"), 5).area_1_to_5.mean, (0.25 + 0.75 + 1 + 1) / 4, 1e-12);
}

TEST(ProtocolScore, CountsClicksThatMakeItWorse) {
  const auto run = run_of({trial("a", {0.5, 0.495, 0.6, 0.5, 0.7})});
  EXPECT_NEAR(score_protocol(trials_of(run, "jittered"), 5).lowered.mean, 0.25, 1e-12);
}

TEST(ProtocolScore, TellsHowOftenAClickIsObeyed) {
  auto stubborn = trial("a", {0.5, 0.5});
  stubborn.outcomes[1].obeyed = false;
  const auto run = run_of({stubborn, trial("b", {0.5, 0.5})});
  EXPECT_NEAR(score_protocol(trials_of(run, "jittered"), 5).obeyed.mean, 0.75, 1e-12);
}

TEST(Parts, DivideLesionsByGroupTypeSizeAndKnownLabel) {
  auto small = trial("a", {0.2}), large = trial("b", {0.8});
  small.volume_ml = 0.2, large.volume_ml = 80;
  small.labels = {3, -1, -1, -1, -1}, large.labels = {0, -1, -1, -1, -1};
  large.group = "zero-shot";
  const auto run = run_of({small, large});
  const auto parts = parts_of(trials_of(run, "jittered"));
  std::vector<std::string> names;
  for (const auto& part : parts) names.push_back(part.by + "=" + part.value);
  EXPECT_EQ(names, (std::vector<std::string>{"group=test", "group=zero-shot", "type=synthetic", "size=below 0.5 ml",
                                             "size=50 ml and more", "Shape=Round-like", "Shape=Punctate, nodular"}));
}

TEST(ReportedClicks, AreOneThreeFiveTenAndTheLast) {
  EXPECT_EQ(reported_clicks(10), (std::vector<int>{1, 3, 5, 10}));
  EXPECT_EQ(reported_clicks(4), (std::vector<int>{1, 3, 4}));
}

}  // namespace
}  // namespace punctum
