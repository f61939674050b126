#pragma once

#include <string>
#include <vector>

namespace punctum {

struct ChartPoint {
  double x = 0, y = 0;
  double low = 0, high = 0;  ///< of the band around the line, where the series has one
};

struct ChartSeries {
  std::string name;
  std::vector<ChartPoint> points;  ///< by ascending x
  bool band = false;               ///< shade between low and high
  bool dots = false;               ///< mark the points
};

struct ChartAxis {
  std::string name;
  double from = 0, to = 1;
  std::vector<double> ticks;
};

struct Chart {
  std::string title;
  ChartAxis x, y;
  std::vector<ChartSeries> series;
  bool diagonal = false;         ///< where y equals x
  std::vector<double> levels{};  ///< dashed lines at these y
};

/// Line charts side by side as one SVG document, readable on white, without scripts, fonts or anything from outside.
/// Points outside the axes are left out.
std::string svg_of(const std::vector<Chart>& charts, int charts_a_row = 3);

}  // namespace punctum
