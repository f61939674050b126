#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <random>

#include "dicom/types/error.hpp"
#include "inference/training/export.hpp"
#include "inference/training/train.hpp"

namespace punctum {
namespace {

/// A ball in noise, brighter or darker than what surrounds it.
TrainingCrop ball(const CropRequest& request) {
  std::mt19937_64 random(request.seed % 8);  // eight cases, again and again
  const auto between = [&](double a, double b) { return a + (b - a) * static_cast<double>(random() >> 11) * 0x1p-53; };
  TrainingCrop crop;
  crop.size = request.size;
  crop.spacing_mm = request.spacing_mm;
  const double contrast = random() % 2 ? 80 : -80, radius = between(5, 10), middle = request.size / 2;
  for (int z = 0; z < crop.size; ++z) {
    for (int y = 0; y < crop.size; ++y) {
      for (int x = 0; x < crop.size; ++x) {
        const bool in = !request.background && std::hypot(z - middle, y - middle, x - middle) < radius;
        crop.truth.push_back(in);
        crop.hu.push_back(static_cast<std::int16_t>(40 + (in ? contrast : 0) + between(-12, 12)));
      }
    }
  }
  if (!request.background) crop.labels = {0, contrast > 0 ? 2 : 0, 0, 0, 0};
  return crop;
}

TrainingSource balls() {
  TrainingSource source;
  source.name = "balls";
  source.crops = ball;
  return source;
}

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
    return train(o, {balls()}, folder_ / name, "", log);
  }
  std::filesystem::path folder_ = std::filesystem::temp_directory_path() / "punctum-overfit";
};

TEST_F(Training, LearnsBallsWithinSixtySteps) {
  const auto report = run(options(), "balls");
  ASSERT_EQ(report.validation_dice.size(), 3u);
  EXPECT_GT(report.validation_dice[0], 0.6);
  EXPECT_GE(report.validation_dice[2], report.validation_dice[0] - 0.02);
}

TEST_F(Training, GoesOnFromItsCheckpointAsIfItHadNotBeenInterrupted) {
  auto o = options();
  o.validation_crops = 0;
  o.replicas = 2;
  o.steps = 4;
  o.decay_steps = 0;
  run(o, "whole");
  o.steps = 2;
  run(o, "parts");
  o.steps = 4;
  std::string first_line;
  const auto report =
      run(o, "parts", [&](const std::string& line) { first_line = first_line.empty() ? line : first_line; });
  EXPECT_EQ(first_line.rfind("start step=2", 0), 0u) << first_line;
  EXPECT_EQ(report.steps, 4);
  const ExportOptions quick{.evaluation_crops = 0};
  for (const char* name : {"whole", "parts"}) {
    export_checkpoint(folder_ / name / "checkpoint.pt", folder_ / name, quick, [](const std::string&) {});
  }
  EXPECT_EQ(bytes_of(folder_ / "whole" / "weights.safetensors"), bytes_of(folder_ / "parts" / "weights.safetensors"));
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
              "cannot train: /variant: found \"best\", expected vanilla, refinement, synergy or full");
  }
  EXPECT_FALSE(std::filesystem::exists(folder_ / "never"));
}

}  // namespace
}  // namespace punctum
