#include "inference/evaluation/study_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "dicom/types/error.hpp"
#include "tests/unit/evaluation/trials.hpp"

namespace punctum {
namespace {

using ::testing::HasSubstr;

/// Twenty lesions whose labels go round; every fourth shape is named wrongly.
EvaluationRun run_at(double dice, bool names) {
  std::vector<CaseTrial> trials;
  for (int i = 0; i < 20; ++i) {
    auto trial = test::trial("lesion " + std::to_string(i), {dice, dice + 0.1, dice + 0.2});
    trial.labels = {i % 2, i % 3, 0, 1, -1};
    const int shape = i % 4 == 0 ? 3 : trial.labels[0];
    if (names) trial.outcomes[0].answers = test::naming({shape, trial.labels[1], 0, 1, 0});
    trials.push_back(std::move(trial));
  }
  return test::run_of(std::move(trials));
}

std::vector<StudyRun> small_study() {
  auto cnn = run_at(0, true);
  cnn.marks = false;
  return {{"full", 1, 1'000'000, 4.5, run_at(0.5, true)},
          {"full", 2, 1'000'000, 4.0, run_at(0.6, true)},
          {"unet", 1, 1'100'000, 2.0, run_at(0.4, false)},
          {"unet", 2, 1'100'000, 2.5, run_at(0.5, false)},
          {"cnn", 1, 900'000, 9.0, cnn}};
}

const StudyArm& arm_of(const StudyReport& report, const std::string& name) {
  for (const auto& arm : report.arms) {
    if (arm.arm == name) return arm;
  }
  throw StorageError("no arm " + name);
}

CrossedEstimate value_of(const StudyReport& report, const std::vector<CrossedEstimate>& values,
                         const std::string& name) {
  for (std::size_t i = 0; i < report.measures.size(); ++i) {
    if (report.measures[i].name == name) return values[i];
  }
  throw StorageError("no measure " + name);
}

TEST(Study, TakesEveryArmOverItsSeedsOnTheLesionsThatAllTried) {
  auto runs = small_study();
  runs[1].evaluation.trials.pop_back();
  const auto report = report_on_study(runs, "full");
  EXPECT_EQ(report.lesions, 19U);
  ASSERT_EQ(report.arms.size(), 3U);
  EXPECT_EQ(report.arms[0].arm, "full");
  EXPECT_EQ(report.arms[0].seeds, (std::vector<std::uint64_t>{1, 2}));
  EXPECT_NEAR(value_of(report, report.arms[0].measures, "DSC 1").value.mean, 0.55, 1e-9);
  EXPECT_NEAR(value_of(report, report.arms[0].measures, "DSC 5").value.mean, 0.75, 1e-9);
}

TEST(Study, ComparesWithTheReferenceByLesionAndSeed) {
  const auto report = report_on_study(small_study(), "full");
  const auto difference = value_of(report, arm_of(report, "unet").less_reference, "DSC 3");
  EXPECT_NEAR(difference.value.mean, -0.1, 1e-9);
  EXPECT_NEAR(difference.value.high, -0.1, 1e-9) << "both seeds and all lesions differ by the same";
  EXPECT_LT(difference.p, 0.01);
  EXPECT_EQ(value_of(report, arm_of(report, "full").less_reference, "DSC 3").value.count, 0U);
}

TEST(Study, SetsTheCommonestLabelAndGuessingBesideTheAttributes) {
  const auto report = report_on_study(small_study(), "full");
  EXPECT_DOUBLE_EQ(report.majority[0], 0.5);
  EXPECT_DOUBLE_EQ(report.majority[2], 1);
  EXPECT_NEAR(report.chance[1], 1.0 / 3, 1e-12);
  const auto& full = arm_of(report, "full").measures;
  EXPECT_NEAR(value_of(report, full, "Shape accuracy").value.mean, 0.75, 1e-12);
  EXPECT_NEAR(value_of(report, full, "Shape balanced accuracy").value.mean, 0.75, 1e-12);
  EXPECT_NEAR(value_of(report, full, "Density accuracy").value.mean, 1, 1e-12);
  EXPECT_EQ(value_of(report, full, "Invasion accuracy").value.count, 0U) << "no label is known";
  EXPECT_NEAR(value_of(report, full, "mean accuracy").value.mean, (0.75 + 3) / 4, 1e-12);
}

TEST(Study, LeavesOutWhatABaselineDoesNotGive) {
  const auto report = report_on_study(small_study(), "full");
  EXPECT_EQ(value_of(report, arm_of(report, "unet").measures, "Shape accuracy").value.count, 0U);
  EXPECT_EQ(value_of(report, arm_of(report, "cnn").measures, "DSC 1").value.count, 0U);
  EXPECT_EQ(value_of(report, arm_of(report, "cnn").less_reference, "DSC 1").value.count, 0U);
  const auto text = as_markdown(report);
  EXPECT_THAT(text, HasSubstr("| cnn | 1 | 0.90 M | 9.00 | – | – | – | – | – |"));
  EXPECT_THAT(text, HasSubstr("| unet | 2 | 1.10 M | 2.00 to 2.50 | 0.450 ["));
  EXPECT_THAT(text, HasSubstr("| unet | – | – | – | – | – | – |"));
  EXPECT_THAT(text, HasSubstr("| *commonest label* | 0.500 |"));
  EXPECT_THAT(text, HasSubstr("| less full | DSC 1 |"));
}

TEST(Study, IsWrittenAsJsonWithNullForWhatIsNotThere) {
  const auto json = as_json(report_on_study(small_study(), "full"));
  EXPECT_EQ(json.at("lesions"), 20);
  EXPECT_FALSE(json.at("arms").at(0).contains("less_full"));
  EXPECT_NEAR(json.at("arms").at(1).at("less_full").at("DSC 1").at("value").get<double>(), -0.1, 1e-9);
  EXPECT_TRUE(json.at("arms").at(2).at("values").at("DSC 1").is_null());
}

TEST(Study, RefusesRunsWithoutACommonLesion) {
  auto runs = small_study();
  for (auto& trial : runs[2].evaluation.trials) trial.id += " of another";
  EXPECT_THROW(report_on_study(runs, "full"), StorageError);
}

}  // namespace
}  // namespace punctum
