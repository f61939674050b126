#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inference/evaluation/report_charts.hpp"
#include "inference/evaluation/svg_chart.hpp"
#include "tests/unit/evaluation/trials.hpp"

namespace punctum {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

Chart chart_of(std::vector<ChartPoint> points) {
  return {"A < B & C", {"x", 0, 10, {0, 5, 10}}, {"y", 0, 1, {0, 1}}, {{"s", std::move(points), true, true}}, true, {}};
}

TEST(SvgChart, PlacesThePointsOfALineBetweenItsAxes) {
  const auto svg = svg_of({chart_of({{0, 0, 0, 0}, {10, 1, 1, 1}})});
  EXPECT_THAT(svg, StartsWith("<svg xmlns="));
  EXPECT_THAT(svg, HasSubstr("<polyline points=\"52.0,246.0 314.0,34.0 \""));
}

TEST(SvgChart, EscapesTextAndLeavesOutPointsOutside) {
  const auto svg = svg_of({chart_of({{5, 0.5, 0.4, 0.6}, {11, 0.5, 0, 1}})});
  EXPECT_THAT(svg, HasSubstr("A &lt; B &amp; C"));
  EXPECT_THAT(svg, Not(HasSubstr("340.2")));
}

TEST(SvgChart, PutsChartsInRows) {
  const std::vector<Chart> four(4, chart_of({}));
  EXPECT_THAT(svg_of(four, 3), HasSubstr("width=\"990\" height=\"580\""));
}

TEST(ReportCharts, ShowEveryProtocolAndEveryAttribute) {
  auto trial = test::trial("a", {0.5, 0.7});
  for (auto& outcome : trial.outcomes) {
    outcome.answers = test::naming({0, 0, 0, 0, 0});
    outcome.voxels.bins[7] = {10, 5, 6};
  }
  auto other = trial;
  other.protocol = "together";
  const auto report = report_on(test::run_of({trial, other}, 2));
  EXPECT_THAT(click_curves(report), HasSubstr(">jittered</text>"));
  EXPECT_THAT(click_curves(report), HasSubstr(">together</text>"));
  EXPECT_THAT(reliability_diagrams(report), HasSubstr(">Invasion</text>"));
  EXPECT_THAT(reliability_diagrams(report), HasSubstr(">Voxels near the border</text>"));
  EXPECT_THAT(reliability_diagrams(report), HasSubstr(">after 2 clicks</text>"));
  EXPECT_THAT(risk_coverage_curves(report), HasSubstr(">Density</text>"));
}

}  // namespace
}  // namespace punctum
