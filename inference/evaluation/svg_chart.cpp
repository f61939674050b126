#include "inference/evaluation/svg_chart.hpp"

#include <algorithm>
#include <array>
#include <format>

namespace punctum {
namespace {

constexpr double chart_width = 330, chart_height = 290;
constexpr double left = 52, right = 16, top = 34, bottom = 44, legend_line = 15;
/// Told apart also by those who do not see red and green (Okabe and Ito).
constexpr std::array<const char*, 6> colours{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"};

std::string escaped(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

struct Frame {
  const Chart& chart;
  double px(double x) const {
    return left + (x - chart.x.from) / (chart.x.to - chart.x.from) * (chart_width - left - right);
  }
  double py(double y) const {
    return chart_height - bottom - (y - chart.y.from) / (chart.y.to - chart.y.from) * (chart_height - top - bottom);
  }
  bool holds(const ChartPoint& p) const {
    return p.x >= chart.x.from && p.x <= chart.x.to && p.y >= chart.y.from && p.y <= chart.y.to;
  }
  double clamped(double y) const { return py(std::clamp(y, chart.y.from, chart.y.to)); }
};

std::string text_at(double x, double y, const std::string& anchor, const std::string& text,
                    const std::string& more = "") {
  return std::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>\n", x, y, anchor, more,
                     escaped(text));
}

std::string line_from(double x1, double y1, double x2, double y2, const std::string& style) {
  return std::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" {}/>\n", x1, y1, x2, y2, style);
}

std::string axes(const Frame& frame) {
  const auto& chart = frame.chart;
  const std::string grid = "stroke=\"#dddddd\"", dashed = "stroke=\"#888888\" stroke-dasharray=\"4 3\"";
  std::string svg = text_at(chart_width / 2, 20, "middle", chart.title, " font-weight=\"bold\"");
  for (const double y : chart.y.ticks) {
    svg += line_from(left, frame.py(y), chart_width - right, frame.py(y), grid);
    svg += text_at(left - 6, frame.py(y) + 4, "end", std::format("{:g}", y));
  }
  for (const double x : chart.x.ticks) {
    svg += line_from(frame.px(x), top, frame.px(x), chart_height - bottom, grid);
    svg += text_at(frame.px(x), chart_height - bottom + 15, "middle", std::format("{:g}", x));
  }
  for (const double y : chart.levels) svg += line_from(left, frame.py(y), chart_width - right, frame.py(y), dashed);
  if (chart.diagonal) {
    const double from = std::max(chart.x.from, chart.y.from), to = std::min(chart.x.to, chart.y.to);
    svg += line_from(frame.px(from), frame.py(from), frame.px(to), frame.py(to), dashed);
  }
  svg += std::format(
      "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"none\" stroke=\"#444444\"/>\n", left,
      top, chart_width - left - right, chart_height - top - bottom);
  svg += text_at((left + chart_width - right) / 2, chart_height - 8, "middle", chart.x.name);
  return svg + text_at(14, (top + chart_height - bottom) / 2, "middle", chart.y.name,
                       std::format(" transform=\"rotate(-90 14 {:.1f})\"", (top + chart_height - bottom) / 2));
}

std::string band_of(const Frame& frame, const std::vector<ChartPoint>& points, const char* colour) {
  std::string corners;
  for (const auto& p : points) corners += std::format("{:.1f},{:.1f} ", frame.px(p.x), frame.clamped(p.high));
  for (auto p = points.rbegin(); p != points.rend(); ++p) {
    corners += std::format("{:.1f},{:.1f} ", frame.px(p->x), frame.clamped(p->low));
  }
  return std::format("<polygon points=\"{}\" fill=\"{}\" fill-opacity=\"0.13\"/>\n", corners, colour);
}

std::string draw(const Frame& frame, const ChartSeries& series, std::size_t number) {
  const char* colour = colours[number % colours.size()];
  std::vector<ChartPoint> points;
  std::copy_if(series.points.begin(), series.points.end(), std::back_inserter(points),
               [&](const auto& p) { return frame.holds(p); });
  std::string svg = series.band && !points.empty() ? band_of(frame, points, colour) : "", line;
  for (const auto& p : points) line += std::format("{:.1f},{:.1f} ", frame.px(p.x), frame.py(p.y));
  svg += std::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.8\"/>\n", line, colour);
  for (const auto& p : points) {
    if (!series.dots) break;
    svg += std::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.6\" fill=\"{}\"/>\n", frame.px(p.x), frame.py(p.y),
                       colour);
  }
  return svg;
}

/// Lower right, where curves that rise leave room.
std::string legend(const Chart& chart) {
  std::string svg;
  const auto count = static_cast<double>(chart.series.size());
  for (std::size_t i = 0; i < chart.series.size(); ++i) {
    const double y = chart_height - bottom - 10 - (count - 1 - static_cast<double>(i)) * legend_line;
    svg += line_from(chart_width - right - 24, y - 4, chart_width - right - 8, y - 4,
                     std::format("stroke=\"{}\" stroke-width=\"2.5\"", colours[i % colours.size()]));
    svg += text_at(chart_width - right - 29, y, "end", chart.series[i].name);
  }
  return svg;
}

}  // namespace

std::string svg_of(const std::vector<Chart>& charts, int charts_a_row) {
  const int columns = std::max(1, std::min(charts_a_row, static_cast<int>(charts.size())));
  const int rows = (static_cast<int>(charts.size()) + columns - 1) / columns;
  std::string svg = std::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 0 {0:.0f} {1:.0f}\" "
      "font-family=\"sans-serif\" font-size=\"11\" fill=\"#222222\">\n<rect width=\"100%\" height=\"100%\" "
      "fill=\"#ffffff\"/>\n",
      columns * chart_width, rows * chart_height);
  for (std::size_t i = 0; i < charts.size(); ++i) {
    const Frame frame{charts[i]};
    const int column = static_cast<int>(i) % columns, row = static_cast<int>(i) / columns;
    svg += std::format("<g transform=\"translate({:.0f} {:.0f})\">\n", column * chart_width, row * chart_height);
    svg += axes(frame);
    for (std::size_t s = 0; s < charts[i].series.size(); ++s) svg += draw(frame, charts[i].series[s], s);
    svg += legend(charts[i]) + "</g>\n";
  }
  return svg + "</svg>\n";
}

}  // namespace punctum
