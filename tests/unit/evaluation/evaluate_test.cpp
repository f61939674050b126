#include "inference/evaluation/evaluate.hpp"

#include <gtest/gtest.h>

#include "dicom/types/error.hpp"
#include "inference/evaluation/metrics.hpp"
#include "inference/evaluation/phantom_cases.hpp"
#include "inference/evaluation/run_trial.hpp"
#include "inference/evaluation/trial_json.hpp"
#include "tests/support/grids.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/evaluation/trials.hpp"
#include "tests/unit/node/ball_segmenter.hpp"

namespace punctum {
namespace {

EvaluationCase block_case(const std::string& id) {
  const auto geometry = test::grid({24, 24, 24, 1, 1, 1});
  auto volume = std::make_shared<Volume>(Volume{geometry, std::vector<std::int16_t>(24 * 24 * 24)});
  return {id, id, "block", "test", volume, id, test::block(geometry, {6, 6, 6}, {9, 5, 5}), {0, 0, 0, 0, 0}};
}

CaseSource blocks(std::vector<std::string> names) {
  return {"blocks", names, [names](std::size_t i) { return std::vector{block_case(names[i])}; }};
}

const Protocol& protocol(std::string_view name) { return *protocol_named(name); }

TEST(Trial, SendsFurtherClicksAsRoundsOfTheNodeWithTheLastMask) {
  test::BallSegmenter segmenter;
  const auto trial = run_trial(segmenter, block_case("a"), protocol("deepest"), 3, 1);
  ASSERT_EQ(trial.outcomes.size(), 3U);
  ASSERT_EQ(segmenter.questions.size(), 3U);
  EXPECT_EQ(segmenter.questions[0].previous_voxels, 0U);
  EXPECT_GT(segmenter.questions[1].previous_voxels, 0U);
  EXPECT_EQ(segmenter.questions[2].clicks.size(), 3U);
  EXPECT_GT(trial.outcomes[2].dice, trial.outcomes[0].dice);
}

TEST(Trial, SendsAllClicksAtOnceWithoutAMaskWhenToldSo) {
  test::BallSegmenter segmenter;
  run_trial(segmenter, block_case("a"), protocol("together"), 3, 1);
  for (const auto& question : segmenter.questions) EXPECT_EQ(question.previous_voxels, 0U);
  EXPECT_EQ(segmenter.questions.back().clicks.size(), 3U);
}

TEST(Trial, BothWaysOfDeliveryBeginWithTheSameClick) {
  test::BallSegmenter segmenter;
  const auto rounds = run_trial(segmenter, block_case("a"), protocol("jittered"), 1, 1);
  const auto together = run_trial(segmenter, block_case("a"), protocol("together"), 1, 1);
  EXPECT_EQ(rounds.outcomes[0].click.voxel, together.outcomes[0].click.voxel);
}

TEST(Trial, TheSameSeedGivesTheSameClicksAndAnotherSeedOthers) {
  test::BallSegmenter segmenter;
  const auto first_clicks = [&](std::uint64_t seed) {
    std::vector<VoxelIndex> clicks;
    for (const auto* id : {"a", "b", "c", "d", "e"}) {
      clicks.push_back(run_trial(segmenter, block_case(id), protocol("random"), 1, seed).outcomes[0].click.voxel);
    }
    return clicks;
  };
  EXPECT_EQ(first_clicks(1), first_clicks(1));
  EXPECT_NE(first_clicks(1), first_clicks(2));
}

TEST(Trial, AsksOnceMoreWithTheTrueMaskForTheHeadline) {
  test::BallSegmenter segmenter;
  const auto lesion = block_case("a");
  const auto trial = run_trial(segmenter, lesion, protocols().front(), 1, 1);
  EXPECT_EQ(segmenter.questions.back().previous_voxels, lesion.truth.count());
  EXPECT_EQ(trial.answers_given_truth.size(), attribute_count);
}

TEST(Trial, ReplayGivesTheMaskOfTheTrial) {
  test::BallSegmenter segmenter;
  const auto lesion = block_case("a");
  const auto trial = run_trial(segmenter, lesion, protocol("deepest"), 3, 1);
  const auto mask = replay(segmenter, lesion, trial, 2);
  const auto both = score(cut_pair(lesion.truth, mask));
  EXPECT_DOUBLE_EQ(both.dice.value(), trial.outcomes[1].dice);
}

TEST(Trial, KeepsTheLastMaskWhenTheNodeWouldRefuseAClick) {
  class Refusing final : public Segmenter {
   public:
    const ModelIdentity& model() const override { return ball_.model(); }
    Segmentation segment(const Volume& volume, const std::string& key, const std::vector<VoxelClick>& clicks,
                         const LesionMask* previous) override {
      if (clicks.size() > 1) throw Refusal("too far apart");
      return ball_.segment(volume, key, clicks, previous);
    }

   private:
    test::BallSegmenter ball_;
  } segmenter;
  const auto trial = run_trial(segmenter, block_case("a"), protocol("deepest"), 5, 1);
  ASSERT_EQ(trial.outcomes.size(), 2U);
  EXPECT_TRUE(trial.outcomes[1].refused);
  EXPECT_DOUBLE_EQ(trial.outcomes[1].dice, trial.outcomes[0].dice);
}

TEST(Evaluation, TriesEveryLesionByEveryProtocolAndReportsAfterEachSeries) {
  test::BallSegmenter segmenter;
  auto run = test::run_of({}, 2);
  std::vector<std::size_t> done;
  evaluate(segmenter, blocks({"a", "b"}), {{"jittered", "deepest"}, 0}, run, nullptr, [&](const auto& progress) {
    done.push_back(progress.series_done);
    return true;
  });
  EXPECT_EQ(run.trials.size(), 4U);
  EXPECT_EQ(done, (std::vector<std::size_t>{1, 2}));
}

TEST(Evaluation, StopsWhenSoManyLesionsWereTried) {
  test::BallSegmenter segmenter;
  auto run = test::run_of({}, 1);
  evaluate(segmenter, blocks({"a", "b", "c"}), {{"jittered"}, 2}, run, nullptr);
  EXPECT_EQ(run.trials.size(), 2U);
}

TEST(Evaluation, GoesOnWhereItWasInterrupted) {
  const test::TempDir folder;
  test::BallSegmenter segmenter;
  auto run = test::run_of({}, 2);
  {
    TrialLog log(folder / "trials.jsonl", run);
    evaluate(segmenter, blocks({"a", "b"}), {{"deepest"}, 0}, run, &log, [](const auto&) { return false; });
  }
  ASSERT_EQ(run.trials.size(), 1U);
  auto again = test::run_of({}, 2);
  TrialLog log(folder / "trials.jsonl", again);
  test::BallSegmenter fresh;
  evaluate(fresh, blocks({"a", "b"}), {{"deepest"}, 0}, again, &log);
  ASSERT_EQ(again.trials.size(), 2U);
  EXPECT_EQ(again.trials[0].id, "a");
  for (const auto& question : fresh.questions) EXPECT_EQ(question.volume_key, "b");
}

TEST(CaseSource, TakesASeriesOfEachInTurn) {
  const auto both = alternating(blocks({"a", "b", "c"}), blocks({"x"}));
  EXPECT_EQ(both.series, (std::vector<std::string>{"a", "x", "b", "c"}));
  for (std::size_t i = 0; i < both.series.size(); ++i) EXPECT_EQ(both.load(i).front().id, both.series[i]);
}

TEST(PhantomCases, OfTheHeldOutTypesAreStonesAndCystsInTurn) {
  const auto source = zero_shot_phantom_cases(900000, 900001);
  EXPECT_EQ(source.series, (std::vector<std::string>{"phantom-stone-900000", "phantom-cyst-900001"}));
  const auto stones = source.load(0);
  ASSERT_FALSE(stones.empty());
  EXPECT_EQ(stones[0].type, "synthetic stone");
  EXPECT_EQ(stones[0].group, "zero-shot");
  EXPECT_GT(stones[0].truth.count(), 0U);
}

TEST(Evaluation, RefusesAProtocolThatItDoesNotKnow) {
  test::BallSegmenter segmenter;
  auto run = test::run_of({});
  EXPECT_THROW(evaluate(segmenter, blocks({"a"}), {{"lucky"}, 0}, run, nullptr), ModelError);
}

}  // namespace
}  // namespace punctum
