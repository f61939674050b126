#include "inference/training/progress.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>

#include "dicom/types/error.hpp"
#include "inference/evaluation/svg_chart.hpp"

namespace punctum {
namespace {

constexpr std::size_t most_points = 400;  // of a curve; more cannot be told apart

void write_text(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  if (!file.flush()) throw StorageError("cannot write " + path.string());
}

std::vector<double> ticks_of(double from, double to) {
  const double raw = (to - from) / 5, size = std::pow(10, std::floor(std::log10(std::max(raw, 1e-9))));
  const double step = raw / size < 1.5 ? size : raw / size < 3.5 ? 2 * size : raw / size < 7.5 ? 5 * size : 10 * size;
  std::vector<double> ticks;
  for (double at = std::ceil(from / step) * step; at <= to + step * 1e-6; at += step) ticks.push_back(at);
  return ticks;
}

/// Neighbouring points averaged until few enough are left.
std::vector<ChartPoint> thinned(const std::vector<ChartPoint>& points) {
  const std::size_t together = (points.size() + most_points - 1) / std::max<std::size_t>(most_points, 1);
  if (together < 2) return points;
  std::vector<ChartPoint> few;
  for (std::size_t i = 0; i < points.size(); i += together) {
    const auto count = std::min(together, points.size() - i);
    ChartPoint mean;
    for (std::size_t k = i; k < i + count; ++k) {
      mean.x += points[k].x / static_cast<double>(count), mean.y += points[k].y / static_cast<double>(count);
    }
    few.push_back(mean);
  }
  return few;
}

Chart chart_of(const std::string& title, const std::map<std::string, std::vector<ChartPoint>>& curves, bool share) {
  Chart chart;
  chart.title = title;
  double last = 1, top = share ? 1 : 1e-6;
  for (const auto& [name, points] : curves) {
    ChartSeries series{name, thinned(points)};
    for (const auto& point : series.points) last = std::max(last, point.x), top = std::max(top, point.y);
    chart.series.push_back(std::move(series));
  }
  chart.x = {"step", 0, last, ticks_of(0, last)};
  chart.y = {"", 0, top, ticks_of(0, top)};
  return chart;
}

}  // namespace

Progress::Progress(std::filesystem::path folder, std::int64_t resumed_step) : folder_(std::move(folder)) {
  std::ifstream file(folder_ / "progress.jsonl");
  std::string line;
  while (std::getline(file, line)) {
    auto json = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (json.is_object() && json.value("step", std::int64_t{0}) <= resumed_step) lines_.push_back(std::move(json));
  }
  file.close();
  std::string kept;
  for (const auto& json : lines_) kept += json.dump() + "\n";
  write_text(folder_ / "progress.jsonl", kept);
}

void Progress::add(const nlohmann::json& line) {
  lines_.push_back(line);
  std::ofstream file(folder_ / "progress.jsonl", std::ios::binary | std::ios::app);
  file << line.dump() << '\n';
  if (!file.flush()) throw StorageError("cannot write " + (folder_ / "progress.jsonl").string());
}

void Progress::draw() const {
  std::map<std::string, std::vector<ChartPoint>> losses, train_dice, dice, attributes;
  for (const auto& line : lines_) {
    const double step = line.value("step", 0.0);
    const auto put = [&](auto& curves, const std::string& name, const char* field) {
      if (line.contains(field) && line[field].is_number()) curves[name].push_back({step, line[field].get<double>()});
    };
    if (line.value("kind", "") == "train") {
      put(losses, "segmentation", "segmentation");
      put(losses, "attributes", "attributes");
      put(losses, "quality", "quality");
      put(train_dice, "first click", "dice_first");
      put(train_dice, "last click", "dice_last");
    } else {
      const auto source = line.value("source", "");
      put(dice, source + ", 1 click", "dice_1");
      put(dice, source + ", last click", "dice_last");
      put(attributes, source, "attribute_accuracy");
    }
  }
  write_text(folder_ / "curves.svg",
             svg_of({chart_of("Losses", losses, false), chart_of("Dice in training", train_dice, true),
                     chart_of("Dice in validation", dice, true), chart_of("Attributes right", attributes, true)},
                    2));
}

}  // namespace punctum
