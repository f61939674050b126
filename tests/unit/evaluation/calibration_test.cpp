#include "inference/evaluation/calibration.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "dicom/types/error.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/evaluation/trials.hpp"

namespace punctum {
namespace {

/// Lesions of two kinds each way, named with a confidence that is stated three times too sharply.
EvaluationRun overconfident_run(int lesions) {
  std::mt19937_64 random(11);
  const auto uniform = [&] { return static_cast<double>(random() % 1000003) / 1000003; };
  std::vector<CaseTrial> trials;
  for (int i = 0; i < lesions; ++i) {
    auto trial = test::trial("case " + std::to_string(i), {0.8});
    const double logit = 3 * uniform(), right = 1 / (1 + std::exp(-logit));
    const double stated = 1 / (1 + std::exp(-3 * logit));
    for (std::size_t a = 0; a < attribute_count; ++a) trial.labels[a] = uniform() < right ? 0 : 1;
    trial.outcomes[0].answers = test::naming({0, 0, 0, 0, 0}, std::min(stated, 0.999));
    trials.push_back(trial);
  }
  return test::run_of(trials, 1);
}

TEST(Calibration, SoftensWhatIsStatedTooSharply) {
  const auto calibration = fit_calibration(overconfident_run(400));
  EXPECT_EQ(calibration.lesions, 400U);
  for (const std::size_t two_labels : {2U, 3U, 4U}) {
    const auto& c = calibration.attributes[two_labels];
    EXPECT_NEAR(c.temperature, 3, 0.9);
    EXPECT_LT(c.after.ece, c.before.ece);
    EXPECT_LT(c.after.nll, c.before.nll);
    EXPECT_GE(c.selective.accuracy, 0.9);
    EXPECT_GT(c.abstain_below, 0.5);
  }
}

TEST(Calibration, RefusesAHandfulOfLesions) { EXPECT_THROW(fit_calibration(overconfident_run(20)), ModelError); }

TEST(Calibration, LeavesAnAttributeAsItIsThatHardlyAnyLesionHasALabelOf) {
  auto run = overconfident_run(400);
  for (auto& trial : run.trials) trial.labels[4] = -1;
  run.temperatures[4] = 1.7, run.abstain_below[4] = 0.6;
  const auto calibration = fit_calibration(run);
  EXPECT_FALSE(calibration.attributes[4].is_fitted());
  EXPECT_EQ(calibration.attributes[4].temperature, 1.7);
  EXPECT_EQ(calibration.attributes[4].abstain_below, 0.6);
  EXPECT_TRUE(calibration.attributes[3].is_fitted());
}

TEST(Calibration, IsWrittenIntoTheManifestAndLeavesTheRestAsItIs) {
  const test::TempDir folder;
  std::ofstream(folder / "manifest.json") << R"({"name":"m","temperatures":[1,1,1,1,1],"training":{"seed":7}})";
  const auto run = overconfident_run(400);
  const auto calibration = fit_calibration(run);
  write_calibration(folder / "manifest.json", calibration, run);

  std::ifstream file(folder / "manifest.json");
  const auto json = nlohmann::json::parse(file);
  EXPECT_DOUBLE_EQ(json.at("temperatures").at(3), calibration.attributes[3].temperature);
  EXPECT_DOUBLE_EQ(json.at("abstain_below").at(2), calibration.attributes[2].abstain_below);
  EXPECT_EQ(json.at("training").at("seed"), 7);
  EXPECT_EQ(json.at("calibration").at("data"), "made up");
  EXPECT_FALSE(std::filesystem::exists(folder / "manifest.json.new"));
}

TEST(Calibration, RefusesAManifestThatIsNone) {
  const test::TempDir folder;
  std::ofstream(folder / "manifest.json") << "[]";
  const auto run = overconfident_run(400);
  EXPECT_THROW(write_calibration(folder / "manifest.json", fit_calibration(run), run), ModelError);
}

}  // namespace
}  // namespace punctum
