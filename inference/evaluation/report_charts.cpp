#include "inference/evaluation/report_charts.hpp"

#include <algorithm>
#include <format>

#include "inference/evaluation/svg_chart.hpp"

namespace punctum {
namespace {

const std::vector<double> fifths{0, 0.2, 0.4, 0.6, 0.8, 1};

std::string name_of(const AttributeScore& score) {
  return std::string(attribute_vocabulary()[static_cast<std::size_t>(score.attribute)].name);
}

ChartSeries bins_as(const std::string& name, const std::vector<ReliabilityBin>& bins) {
  ChartSeries series{name, {}, false, true};
  for (const auto& bin : bins) series.points.push_back({bin.confidence, bin.accuracy, 0, 0});
  return series;
}

ChartSeries risks_as(const std::string& name, const std::vector<RiskPoint>& points) {
  ChartSeries series{name, {}, false, false};
  // The first few answers decide nothing: a share of 1 of 1 would hide the curve.
  for (const auto& point : points) {
    if (point.coverage >= 0.05) series.points.push_back({point.coverage, point.accuracy, 0, 0});
  }
  return series;
}

/// Of the headline, after its first and its last reported click.
Chart voxels_near_border(const EvaluationReport& report) {
  Chart chart{"Voxels near the border",
              {"stated probability", 0, 1, fifths},
              {"share that is lesion", 0, 1, fifths},
              {},
              true,
              {}};
  if (report.protocols.empty()) return chart;
  for (const auto& after : report.protocols.front().score.after) {
    const bool shown = after.clicks == 1 || &after == &report.protocols.front().score.after.back();
    if (!shown || after.voxels.count() == 0) continue;
    ChartSeries series{std::format("after {} click{}", after.clicks, after.clicks == 1 ? "" : "s"), {}, false, true};
    for (const auto& bin : after.voxels.bins) {
      if (bin.count > 0) series.points.push_back({bin.mean_stated(), bin.share_of_lesion(), 0, 0});
    }
    chart.series.push_back(std::move(series));
  }
  return chart;
}

}  // namespace

std::string click_curves(const EvaluationReport& report) {
  Chart chart{"DSC over clicks", {"clicks", 1, 2, {}}, {"mean DSC", 0, 1, fifths}, {}, false, {}};
  for (const auto& protocol : report.protocols) {
    ChartSeries series{protocol.name, {}, true, true};
    double click = 0;
    for (const auto& e : protocol.score.curve) series.points.push_back({++click, e.mean, e.low, e.high});
    chart.x.to = std::max(chart.x.to, click);
    chart.series.push_back(std::move(series));
  }
  for (double click = 1; click <= chart.x.to; ++click) chart.x.ticks.push_back(click);
  return svg_of({chart});
}

std::string reliability_diagrams(const EvaluationReport& report) {
  std::vector<Chart> charts;
  if (!report.attributes.empty()) {
    for (const auto& score : report.attributes.front().each) {
      if (score.answered == 0) continue;
      charts.push_back({name_of(score),
                        {"stated probability", 0.2, 1, {0.2, 0.4, 0.6, 0.8, 1}},
                        {"share that is true", 0, 1, fifths},
                        {bins_as("at temperature 1", score.raw.bins), bins_as("calibrated", score.calibrated.bins)},
                        true,
                        {}});
    }
  }
  if (const auto voxels = voxels_near_border(report); !voxels.series.empty()) charts.push_back(voxels);
  return svg_of(charts);
}

std::string risk_coverage_curves(const EvaluationReport& report) {
  Chart chart{"Accuracy if only the surest answers are given",
              {"share of answers given", 0, 1, fifths},
              {"accuracy of these", 0, 1, fifths},
              {},
              false,
              {wanted_selective_accuracy}};
  if (!report.attributes.empty()) {
    for (const auto& score : report.attributes.front().each) {
      if (score.answered > 0) chart.series.push_back(risks_as(name_of(score), score.risk));
    }
  }
  return svg_of({chart});
}

}  // namespace punctum
