#include "dicom/rtstruct/contour_fill.hpp"

#include <algorithm>
#include <cmath>

namespace punctum {

void fill_even_odd(const std::vector<std::vector<GridPoint>>& polygons, int columns, int rows,
                   std::span<std::uint8_t> slice) {
  std::vector<double> crossings;
  for (int y = 0; y < rows; ++y) {
    crossings.clear();
    for (const auto& polygon : polygons) {
      for (std::size_t i = 0; i < polygon.size(); ++i) {
        const auto &a = polygon[i], &b = polygon[(i + 1) % polygon.size()];
        // Half-open: a corner that two edges share is met once.
        if ((a.y <= y) == (b.y <= y)) continue;
        crossings.push_back(a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x));
      }
    }
    std::sort(crossings.begin(), crossings.end());
    for (std::size_t i = 0; i + 1 < crossings.size(); i += 2) {
      const double from = std::max(0.0, std::ceil(crossings[i])),
                   to = std::min<double>(columns, std::ceil(crossings[i + 1]));
      for (int x = static_cast<int>(from); x < to; ++x) {
        slice[static_cast<std::size_t>(y) * static_cast<std::size_t>(columns) + static_cast<std::size_t>(x)] = 1;
      }
    }
  }
}

}  // namespace punctum
