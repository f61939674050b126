#include "inference/evaluation/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/evaluation/trials.hpp"

namespace punctum {
namespace {

using ::testing::HasSubstr;

EvaluationRun small_run() {
  auto a = test::trial("a", {0.5, 0.6, 0.7, 0.7, 0.7}), b = test::trial("b", {0.7, 0.8, 0.9, 0.9, 0.9});
  for (auto* trial : {&a, &b}) {
    for (auto& outcome : trial->outcomes) {
      outcome.answers = test::naming({0, 1, 0, 1, 0});
      outcome.voxels.bins[12] = {50, 42.5, trial == &a ? 30 : 50};
    }
  }
  b.labels = {0, 1, 1, 1, 0};
  b.group = "zero-shot";
  auto c = a;
  c.protocol = "together";
  return test::run_of({a, b, c});
}

TEST(Report, LeadsWithTheNodesWayAndKeepsTheOtherBeside) {
  const auto report = report_on(small_run());
  ASSERT_EQ(report.protocols.size(), 2U);
  EXPECT_EQ(report.protocols[0].name, "jittered");
  EXPECT_EQ(report.protocols[1].name, "together");
  EXPECT_NEAR(report.protocols[0].score.after[0].dice.mean, 0.6, 1e-12);
}

TEST(Report, MarkdownHasATableOfMasksAndOneOfAttributesWithTheMajorityBeside) {
  const auto text = as_markdown(report_on(small_run()));
  EXPECT_THAT(text, HasSubstr("the paper's Table 2"));
  EXPECT_THAT(text, HasSubstr("| zero-shot | 1 | 0.700 | 0.900 |"));
  EXPECT_THAT(text, HasSubstr("the paper's Table 3"));
  EXPECT_THAT(text, HasSubstr("| Heterogeneity | Homogeneous | Heterogeneous |"));
}

TEST(Report, JsonHoldsEveryNumberByName) {
  const auto json = as_json(report_on(small_run()));
  EXPECT_NEAR(json.at("protocols").at("jittered").at("after").at(1).at("dsc").at("mean"), 0.8, 1e-12);
  EXPECT_EQ(json.at("attributes").at(0).at("attributes").at(2).at("attribute"), "Heterogeneity");
  const auto& voxels = json.at("protocols").at("jittered").at("after").at(0).at("voxel_calibration");
  EXPECT_EQ(voxels.at("voxels"), 100);
  EXPECT_NEAR(voxels.at("ece"), 0.05, 1e-9) << "0.85 was stated, 80 of 100 are lesion";
}

TEST(Report, OfNoLesionSaysSo) {
  EXPECT_THAT(as_markdown(report_on(test::run_of({}))), HasSubstr("No lesion"));
  EXPECT_THAT(as_text(report_on(test::run_of({}))), HasSubstr("No lesion"));
}

TEST(Report, OfABaselineWithoutMasksSaysNothingOfMasks) {
  auto run = small_run();
  run.marks = false;
  const auto report = report_on(run);
  EXPECT_THAT(as_markdown(report), HasSubstr("| all | 2 | – | – | – | – | – | – | – |"));
  EXPECT_THAT(as_markdown(report), HasSubstr("the paper's Table 3"));
  EXPECT_THAT(as_text(report), HasSubstr("gives no masks"));
  EXPECT_TRUE(as_json(report).at("protocols").at("jittered").at("area_1_to_5").is_null());
}

}  // namespace
}  // namespace punctum
