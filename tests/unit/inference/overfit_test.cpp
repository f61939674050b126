#include <gtest/gtest.h>

#include <cmath>
#include <random>

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

class Training : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::remove_all(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  TrainOptions options() const {
    TrainOptions o;
    o.folder = folder_;
    o.steps = 30;
    o.decay_steps = 8;
    o.warmup_steps = 5;
    o.ema = 0.5;
    o.batch = 2;
    o.pool_crops = 12;
    o.validation_crops = 4;
    o.validate_every = 1000;
    o.device = "cpu";
    return o;
  }
  std::filesystem::path folder_ = std::filesystem::temp_directory_path() / "punctum-overfit";
};

TEST_F(Training, LearnsBallsWithinThirtySteps) {
  const auto report = train(options(), ball, [](const std::string&) {});
  ASSERT_EQ(report.validation_dice.size(), 3u);
  EXPECT_GT(report.validation_dice[0], 0.6);
  EXPECT_GE(report.validation_dice[2], report.validation_dice[0] - 0.02);
}

TEST_F(Training, GoesOnFromItsCheckpoint) {
  auto o = options();
  o.validation_crops = 0;
  o.steps = 3;
  train(o, ball, [](const std::string&) {});
  std::string first_line;
  o.steps = 5;
  const auto report =
      train(o, ball, [&](const std::string& line) { first_line = first_line.empty() ? line : first_line; });
  EXPECT_EQ(first_line.rfind("start step=3", 0), 0u) << first_line;
  EXPECT_EQ(report.steps, 5);
}

}  // namespace
}  // namespace punctum
