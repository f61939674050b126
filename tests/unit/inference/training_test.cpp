#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>

#include "dicom/types/error.hpp"
#include "inference/model/manifest.hpp"
#include "inference/model/safetensors.hpp"
#include "inference/phantom/phantom.hpp"
#include "inference/segmenter.hpp"
#include "inference/training/export.hpp"
#include "inference/training/licence_class.hpp"
#include "inference/training/train.hpp"
#include "tests/support/grids.hpp"
#include "tests/unit/inference/balls.hpp"

namespace punctum {
namespace {

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Training : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::remove_all(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  TrainOptions options() const {
    TrainOptions o;
    o.size = "tiny";
    o.steps = 60;
    o.decay_steps = 20;
    o.warmup_steps = 5;
    o.learning_rate = 2e-3;
    o.ema = 0.8;
    o.batch = 3;
    o.pool_crops = 12;
    o.validation_crops = 4;
    o.validate_every = 1000;
    o.device = "cpu";
    return o;
  }
  TrainReport run(const TrainOptions& o, const std::string& name, const TrainLog& log = [](const std::string&) {}) {
    return train(o, {test::balls()}, folder_ / name, "", log);
  }
  std::filesystem::path folder_ = std::filesystem::temp_directory_path() / "punctum-overfit";
};

TEST_F(Training, LearnsBallsWithinSixtySteps) {
  const auto report = run(options(), "balls");
  ASSERT_EQ(report.validation_dice.size(), 3u);
  EXPECT_GT(report.validation_dice[0], 0.6);
  EXPECT_GE(report.validation_dice[2], report.validation_dice[0] - 0.02);
}

/// The rows of the paper's Table 2.
TEST_F(Training, EveryVariantLearnsAndAnswers) {
  const Volume volume{test::grid({40, 40, 20, 1, 1, 3}), std::vector<std::int16_t>(40 * 40 * 20, 40)};
  for (const std::string variant : {"vanilla", "refinement", "synergy", "full"}) {
    SCOPED_TRACE(variant);
    auto o = options();
    o.variant = variant;
    o.validation_crops = 1;
    o.batch = 2;
    o.steps = 1;
    const double at_first = run(o, variant).loss;
    o.steps = 15;
    EXPECT_LT(run(o, variant).loss, at_first);
    const auto model = folder_ / (variant + "-model");
    export_checkpoint(folder_ / variant / "checkpoint.pt", model, {.evaluation_crops = 0, .calibration_crops = 0},
                      [](const std::string&) {});
    const auto architecture = nlohmann::json::parse(bytes_of(model / "manifest.json")).at("architecture");
    EXPECT_EQ(architecture.at("refinement"), variant == "refinement" || variant == "full");
    EXPECT_EQ(architecture.at("synergy"), variant == "synergy" || variant == "full");
    const auto found = Segmenter::load({model, "cpu", 1})->segment(volume, "volume", {{{20, 20, 10}}}, nullptr);
    EXPECT_EQ(found.mask.voxels.size(), volume.hu.size());
  }
}

TEST_F(Training, LearnsInMixedPrecisionToo) {
  auto o = options();
  o.precision = "bfloat16";
  o.steps = 40;
  const auto report = run(o, "mixed");
  ASSERT_EQ(report.validation_dice.size(), 3u);
  EXPECT_GT(report.validation_dice[0], 0.5);
}

TEST_F(Training, SeesTheSameCropsFromAnyNumberOfWorkers) {
  auto o = options();
  o.validation_crops = 0;
  o.steps = 3;
  const ExportOptions quick{.evaluation_crops = 0, .calibration_crops = 0};
  for (const int workers : {1, 3}) {
    o.workers = workers;
    const auto name = std::to_string(workers);
    run(o, name);
    export_checkpoint(folder_ / name / "checkpoint.pt", folder_ / name, quick, [](const std::string&) {});
  }
  EXPECT_EQ(bytes_of(folder_ / "1/weights.safetensors"), bytes_of(folder_ / "3/weights.safetensors"));
}

TEST_F(Training, SeesOtherCropsWithAnotherSeed) {
  std::mutex mutex;
  std::set<std::uint64_t> seen, again;
  auto source = test::balls();
  source.crops = [&](const CropRequest& request) {
    const std::lock_guard lock(mutex);
    if (!seen.insert(request.seed).second) again.insert(request.seed);
    return test::ball(request);
  };
  auto o = options();
  o.validation_crops = 0;
  o.steps = 2;
  for (o.seed = 1; o.seed <= 8; ++o.seed) {
    train(o, {source}, folder_ / std::to_string(o.seed), "", [](const std::string&) {});
  }
  EXPECT_GT(seen.size(), 60U);
  EXPECT_THAT(again, testing::IsEmpty());
  EXPECT_LT(*seen.rbegin(), first_evaluation_seed);
}

TEST_F(Training, GoesOnFromItsCheckpointAsIfItHadNotBeenInterrupted) {
  auto o = options();
  o.validation_crops = 0;
  o.replicas = 2;
  o.steps = 4;
  o.decay_steps = 0;
  o.losses.label_balance = 0.5;  // by counts that the checkpoint holds
  run(o, "whole");
  o.steps = 2;
  run(o, "parts");
  o.steps = 4;
  std::string first_line;
  const auto report =
      run(o, "parts", [&](const std::string& line) { first_line = first_line.empty() ? line : first_line; });
  EXPECT_EQ(first_line.rfind("start step=2", 0), 0u) << first_line;
  EXPECT_EQ(report.steps, 4);
  const ExportOptions quick{.evaluation_crops = 0, .calibration_crops = 0};
  for (const char* name : {"whole", "parts"}) {
    export_checkpoint(folder_ / name / "checkpoint.pt", folder_ / name, quick, [](const std::string&) {});
  }
  EXPECT_EQ(bytes_of(folder_ / "whole" / "weights.safetensors"), bytes_of(folder_ / "parts" / "weights.safetensors"));
}

TEST_F(Training, LetsOnlyLearnWhatIsNamedAndHoldsTheRestFast) {
  auto o = options();
  o.validation_crops = 0;
  o.replicas = 2;
  o.steps = 1;
  run(o, "start");
  const ExportOptions quick{.evaluation_crops = 0, .calibration_crops = 0};
  export_checkpoint(folder_ / "start" / "checkpoint.pt", folder_ / "start", quick, [](const std::string&) {});
  o.initial = folder_ / "start" / "weights.safetensors";
  o.only = {"attribute_head.heads", "attribute_head.number_mlp"};
  o.steps = 3;
  run(o, "heads");
  export_checkpoint(folder_ / "heads" / "checkpoint.pt", folder_ / "heads", quick, [](const std::string&) {});
  const auto said = nlohmann::json::parse(bytes_of(folder_ / "heads" / "manifest.json")).at("training").at("initial");
  ASSERT_EQ(said.at("stages").size(), 1U) << "how what it started from came to be";
  EXPECT_EQ(said.at("stages").at(0).at("options").at("steps"), 1);
  EXPECT_EQ(said.at("stages").at(0).at("sha256"), said.at("sha256"));
  const auto before = read_safetensors(o.initial), after = read_safetensors(folder_ / "heads" / "weights.safetensors");
  ASSERT_EQ(before.tensors.size(), after.tensors.size());
  for (const auto& [name, tensor] : before.tensors) {
    const bool named = name.starts_with("attribute_head.heads") || name.starts_with("attribute_head.number_mlp");
    if (!named) {
      EXPECT_EQ(after.tensors.at(name).values, tensor.values) << name;
    }
  }
  const std::string learnt = "attribute_head.number_mlp.layers.0.weight";
  EXPECT_NE(after.tensors.at(learnt).values, before.tensors.at(learnt).values);
}

TEST_F(Training, TakesOverTheLicenceClassOfTheWeightsItStartsFrom) {
  auto o = options();
  o.validation_crops = 0;
  o.steps = 1;
  auto free = test::balls();
  free.licence = "Apache-2.0";
  const auto use_after = [&](const std::string& name) {
    const auto silent = [](const std::string&) {};
    train(o, {free}, folder_ / name, "", silent);
    export_checkpoint(folder_ / name / "checkpoint.pt", folder_ / name, {.evaluation_crops = 0, .calibration_crops = 0},
                      silent);
    return read_manifest(folder_ / name / "manifest.json").use;
  };
  EXPECT_EQ(use_after("start"), "commercial");
  o.initial = folder_ / "start" / "weights.safetensors";
  EXPECT_EQ(use_after("on"), "commercial");
  std::filesystem::remove(folder_ / "start" / "manifest.json");
  EXPECT_EQ(use_after("from weights of which nothing is known"), "research");
}

TEST_F(Training, StaysBoundByWhatARunBeforeAnInterruptionSaw) {
  const auto silent = [](const std::string&) {};
  auto o = options();
  o.validation_crops = 0;
  o.steps = 1;
  auto source = test::balls();
  source.licence = "CC-BY-NC-SA-4.0", source.statement = "Not for sale.";
  train(o, {source}, folder_, "", silent);
  o.steps = 2;
  source.licence = "Apache-2.0", source.statement = "Balls.";
  train(o, {source}, folder_, "", silent);
  export_checkpoint(folder_ / "checkpoint.pt", folder_, {.evaluation_crops = 0, .calibration_crops = 0}, silent);
  const auto manifest = read_manifest(folder_ / "manifest.json");
  EXPECT_EQ(manifest.use, "research");
  EXPECT_THAT(std::string(manifest.training.at("statement")), testing::HasSubstr("Not for sale."));
  EXPECT_THAT(std::string(manifest.training.at("statement")), testing::HasSubstr("Balls."));
}

TEST(LicenceClass, IsCommercialOnlyForLicencesThatAreKnownToAllowIt) {
  for (const auto* const open : {"Apache-2.0", "CC-BY-4.0", "cc-by-3.0", "CC-BY-SA-4.0 AND CC-BY-3.0",
                                 "(MIT OR CC0-1.0) AND BSD-3-Clause", "CC-BY-3.0-US"}) {
    EXPECT_TRUE(is_open_licence(open)) << open;
  }
  for (const auto* const closed : {"", "CC-BY-NC-4.0", "cc-by-nc-sa-4.0", "CC-BY-ND-4.0", "Apache-2.0 AND CC-BY-NC-3.0",
                                   "LicenseRef-research-only", "proprietary", "AND", "CC-BY-", "CC-BY-4.0-NC",
                                   "CC-BY-4.0,CC-BY-NC-4.0", "CC-BY-4.0+anything"}) {
    EXPECT_FALSE(is_open_licence(closed)) << closed;
  }
}

TEST(LicenceOfWeights, IsWhatShareAlikeDataAskFor) {
  EXPECT_EQ(licence_of_weights({"Apache-2.0", "CC-BY-4.0"}), "Apache-2.0");
  EXPECT_EQ(licence_of_weights({"Apache-2.0", "CC-BY-4.0 AND CC-BY-3.0 AND cc-by-sa-4.0"}), "CC-BY-SA-4.0");
  EXPECT_EQ(licence_of_weights({"CC-BY-SA-4.0", "CC-BY-NC-SA-4.0"}), "CC-BY-NC-SA-4.0 AND CC-BY-SA-4.0");
  EXPECT_EQ(licence_of_weights({"MIT", "CC-BY-NC-4.0 AND LicenseRef-Ours"}), "CC-BY-NC-4.0 AND LicenseRef-Ours");
  EXPECT_EQ(licence_of_weights({"MIT", ""}), "NOASSERTION");
}

TEST_F(Training, SaysOfAllThatWeightsHaveSeenOnce) {
  const auto silent = [](const std::string&) {};
  auto o = options();
  o.validation_crops = 0;
  o.steps = 1;
  std::string statement;
  for (const std::string name : {"first", "second", "third"}) {
    auto source = test::balls();
    source.licence = "Apache-2.0", source.statement = name == "first" ? "Balls." : "Other balls.";
    train(o, {source}, folder_ / name, "", silent);
    export_checkpoint(folder_ / name / "checkpoint.pt", folder_ / name,
                      {.version = name, .evaluation_crops = 0, .calibration_crops = 0}, silent);
    statement = read_manifest(folder_ / name / "manifest.json").training.at("statement");
    o.initial = folder_ / name / "weights.safetensors";
  }
  EXPECT_EQ(statement,
            "Not a medical device; not for clinical use. Started from weights second. Trained on: Other balls. "
            "(Apache-2.0) Balls. (Apache-2.0)");
}

TEST_F(Training, SaysWhichNameOfOnlyIsThatOfNoParameter) {
  auto o = options();
  o.only = {"attribute_head", "attribut_head"};
  EXPECT_THROW(run(o, "never"), ConfigError);
}

TEST_F(Training, DrawsItsCurvesAndKeepsItsProgress) {
  auto o = options();
  o.steps = 2;
  run(o, "curves");
  EXPECT_NE(bytes_of(folder_ / "curves" / "curves.svg").find("Dice in validation"), std::string::npos);
  const auto progress = bytes_of(folder_ / "curves" / "progress.jsonl");
  EXPECT_NE(progress.find("\"kind\":\"validate\""), std::string::npos) << progress;
  EXPECT_NE(progress.find("\"source\":\"balls\""), std::string::npos) << progress;
}

TEST_F(Training, RefusesOptionsByName) {
  auto o = options();
  o.variant = "best";
  try {
    run(o, "never");
    FAIL() << "expected a refusal";
  } catch (const ConfigError& error) {
    EXPECT_EQ(std::string(error.what()),
              "cannot train: /variant: found \"best\", expected vanilla, refinement, synergy, full, unet or cnn");
  }
  EXPECT_FALSE(std::filesystem::exists(folder_ / "never"));
}

}  // namespace
}  // namespace punctum
