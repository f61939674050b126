#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "dicom/types/error.hpp"
#include "inference/evaluation/trial_json.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/evaluation/trials.hpp"

namespace punctum {
namespace {

using test::run_of;
using test::trial;

const std::vector<std::string> jittered{"jittered"};

TEST(TrialLog, GivesBackWhatWasTriedBefore) {
  const test::TempDir folder;
  auto first = trial("a/1", {0.0, 0.75});
  first.labels = {1, -1, 0, 1, 0};
  first.outcomes[1].answers = test::naming({1, 2, 0, 1, 0});
  first.outcomes[1].click = {{4, 5, 6}, ClickSign::negative};
  first.outcomes[1].crop_dice = 0.7125;
  first.outcomes[1].voxels.bins[14] = {20, 19.25, 18};
  TrialLog(folder / "trials.jsonl", run_of({})).append("a", jittered, {{first}, {{"a", {1, 2, 3}, 0.5}}});

  const auto known = TrialLog(folder / "trials.jsonl", run_of({})).finished("a", jittered);
  ASSERT_TRUE(known);
  ASSERT_EQ(known->lesions.size(), 1U);
  ASSERT_EQ(known->plain.size(), 1U);
  EXPECT_EQ(known->plain[0].voxel, (VoxelIndex{1, 2, 3}));
  EXPECT_EQ(known->plain[0].answer_ml, 0.5);
  const auto& again = known->lesions.front();
  EXPECT_EQ(again.id, "a/1");
  EXPECT_EQ(again.labels, first.labels);
  EXPECT_TRUE(std::isinf(again.outcomes[0].hd95_mm));
  EXPECT_EQ(again.outcomes[1].click.voxel, (VoxelIndex{4, 5, 6}));
  EXPECT_EQ(again.outcomes[1].click.sign, ClickSign::negative);
  EXPECT_NEAR(again.outcomes[1].answers[1][2], 0.9, 1e-8);
  EXPECT_FALSE(again.outcomes[0].crop_dice);
  EXPECT_EQ(again.outcomes[1].crop_dice, 0.7125);
  EXPECT_EQ(again.outcomes[0].voxels.count(), 0);
  EXPECT_NEAR(again.outcomes[1].voxels.ece(), 1.25 / 20, 1e-9);
}

TEST(TrialLog, KnowsNothingOfOtherSeriesAndProtocols) {
  const test::TempDir folder;
  TrialLog(folder / "trials.jsonl", run_of({})).append("a", jittered, {{trial("a/1", {0.5})}, {}});
  const TrialLog log(folder / "trials.jsonl", run_of({}));
  EXPECT_FALSE(log.finished("b", jittered));
  EXPECT_FALSE(log.finished("a", {"jittered", "deepest"}));
}

TEST(TrialLog, TriesASeriesAgainWhoseLineWasCutOff) {
  const test::TempDir folder;
  TrialLog(folder / "trials.jsonl", run_of({})).append("a", jittered, {{trial("a/1", {0.5})}, {}});
  std::ofstream(folder / "trials.jsonl", std::ios::app) << R"({"series":"b","proto)";
  {
    TrialLog log(folder / "trials.jsonl", run_of({}));
    EXPECT_TRUE(log.finished("a", jittered));
    EXPECT_FALSE(log.finished("b", jittered));
    log.append("b", jittered, {{trial("b/1", {0.6})}, {}});
  }
  EXPECT_TRUE(TrialLog(folder / "trials.jsonl", run_of({})).finished("b", jittered));
}

TEST(TrialLog, RefusesToMixWeights) {
  const test::TempDir folder;
  TrialLog(folder / "trials.jsonl", run_of({})).append("a", jittered, {{trial("a/1", {0.5})}, {}});
  auto other = run_of({});
  other.digest = "fedcba";
  EXPECT_THROW(TrialLog(folder / "trials.jsonl", other), StorageError);
  auto stricter = run_of({});
  stricter.mask_level = 1.1;
  TrialLog(folder / "strict.jsonl", stricter).append("a", jittered, {{trial("a/1", {0.5})}, {}});
  EXPECT_THROW(TrialLog(folder / "strict.jsonl", run_of({})), StorageError);
}

TEST(TrialLog, RefusesLesionsOfOtherDataUnderTheSameNames) {
  const test::TempDir folder;
  auto ours = run_of({}), theirs = run_of({});
  ours.data_digest = "a", theirs.data_digest = "b";
  TrialLog(folder / "trials.jsonl", ours).append("a", jittered, {{trial("a/1", {0.5})}, {}});
  EXPECT_THROW(TrialLog(folder / "trials.jsonl", theirs), StorageError);
  EXPECT_TRUE(TrialLog(folder / "trials.jsonl", ours).finished("a", jittered));
}

TEST(Results, AreReadAsTheyWereWritten) {
  const test::TempDir folder;
  auto json = heading_json(run_of({}));
  json["trials"] = {as_json(trial("a/1", {0.5, 0.7}))};
  std::ofstream(folder / "results.json") << json.dump();
  const auto run = read_run(folder / "results.json");
  EXPECT_EQ(run.digest, "0123456789abcdef");
  ASSERT_EQ(run.trials.size(), 1U);
  EXPECT_DOUBLE_EQ(run.trials[0].after(2).dice, 0.7);
}

TEST(Results, OfAnotherFormatAreRefused) {
  const test::TempDir folder;
  std::ofstream(folder / "results.json") << R"({"format":"something else"})";
  EXPECT_THROW(read_run(folder / "results.json"), StorageError);
  EXPECT_THROW(read_run(folder / "missing.json"), StorageError);
}

}  // namespace
}  // namespace punctum
