#include "inference/measure/measurements.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "dicom/types/error.hpp"

namespace punctum {
namespace {

struct Corner {
  double x, y;  ///< mm in the slice
};

double cross_of(const Corner& o, const Corner& a, const Corner& b) {
  return (a.x - o.x) * (b.y - o.y) - (a.y - o.y) * (b.x - o.x);
}

/// Convex hull, counter-clockwise (Andrew's monotone chain). @param corners sorted by x, then y.
std::vector<Corner> hull_of(const std::vector<Corner>& corners) {
  std::vector<Corner> hull;
  const auto extend = [&hull](const Corner& next, std::size_t keep) {
    while (hull.size() >= keep + 2 && cross_of(hull[hull.size() - 2], hull.back(), next) <= 0) hull.pop_back();
    hull.push_back(next);
  };
  for (const auto& c : corners) extend(c, 0);
  const std::size_t lower = hull.size() - 1;
  for (auto c = corners.rbegin() + 1; c != corners.rend(); ++c) extend(*c, lower);
  hull.pop_back();
  return hull;
}

/// The outer corners of the mask's voxels in one slice that can lie on its hull: the ends of every row.
std::vector<Corner> corners_of(const LesionMask& mask, int z) {
  const auto& g = mask.geometry;
  std::vector<Corner> corners;
  for (int y = 0; y < g.rows(); ++y) {
    const auto* row =
        &mask.voxels[(static_cast<std::size_t>(z) * static_cast<std::size_t>(g.rows()) + static_cast<std::size_t>(y)) *
                     static_cast<std::size_t>(g.columns())];
    int first = -1, last = -1;
    for (int x = 0; x < g.columns(); ++x) {
      if (row[x] == 0) continue;
      if (first < 0) first = x;
      last = x;
    }
    if (first < 0) continue;
    for (const int x : {first, last + 1}) {
      for (const int edge : {y, y + 1}) corners.push_back({x * g.column_spacing_mm(), edge * g.row_spacing_mm()});
    }
  }
  std::sort(corners.begin(), corners.end(),
            [](const Corner& a, const Corner& b) { return a.x != b.x ? a.x < b.x : a.y < b.y; });
  return corners;
}

struct Axis {
  double length_mm = 0;
  Corner from{}, to{};
};

Axis longest_axis(const std::vector<Corner>& hull) {
  Axis longest;
  for (std::size_t i = 0; i < hull.size(); ++i) {
    for (std::size_t j = i + 1; j < hull.size(); ++j) {
      const double d = std::hypot(hull[i].x - hull[j].x, hull[i].y - hull[j].y);
      if (d > longest.length_mm) longest = {d, hull[i], hull[j]};
    }
  }
  return longest;
}

/// The hull's widest chord at a right angle to the axis. The width is a concave function along the axis, linear between
/// the hull's corners, so that its largest value stands at a corner.
double widest_across(const std::vector<Corner>& hull, const Axis& axis) {
  const double ux = (axis.to.x - axis.from.x) / axis.length_mm, uy = (axis.to.y - axis.from.y) / axis.length_mm;
  const auto along = [&](const Corner& c) { return c.x * ux + c.y * uy; };
  const auto across = [&](const Corner& c) { return c.y * ux - c.x * uy; };
  double widest = 0;
  for (const auto& corner : hull) {
    const double at = along(corner);
    double low = across(corner), high = low;
    for (std::size_t i = 0; i < hull.size(); ++i) {
      const Corner &a = hull[i], &b = hull[(i + 1) % hull.size()];
      const double ta = along(a), tb = along(b);
      if (ta == tb || at < std::min(ta, tb) || at > std::max(ta, tb)) continue;
      const double value = across(a) + (across(b) - across(a)) * (at - ta) / (tb - ta);
      low = std::min(low, value);
      high = std::max(high, value);
    }
    widest = std::max(widest, high - low);
  }
  return widest;
}

void measure_axes(const LesionMask& mask, LesionMeasurements& measured) {
  std::vector<Corner> hull_of_longest;
  Axis longest;
  for (int z = 0; z < mask.geometry.slice_count(); ++z) {
    const auto corners = corners_of(mask, z);
    if (corners.empty()) continue;
    auto hull = hull_of(corners);
    const Axis axis = longest_axis(hull);
    if (axis.length_mm <= longest.length_mm) continue;
    longest = axis;
    hull_of_longest = std::move(hull);
    measured.axis_slice = z;
  }
  measured.long_axis_mm = longest.length_mm;
  measured.short_axis_mm = widest_across(hull_of_longest, longest);
}

bool same_grid(const SeriesGeometry& a, const SeriesGeometry& b) {
  return a.columns() == b.columns() && a.rows() == b.rows() && a.slice_count() == b.slice_count() &&
         a.slices().front().plane == b.slices().front().plane && a.slices().back().plane == b.slices().back().plane;
}

}  // namespace

std::optional<LesionMeasurements> measure_lesion(const Volume& volume, const LesionMask& mask) {
  if (!same_grid(volume.geometry, mask.geometry) || volume.hu.size() != mask.voxels.size()) {
    throw GeometryError("cannot measure lesion: mask of " + std::to_string(mask.voxels.size()) +
                        " voxels, expected the grid of the volume with " + std::to_string(volume.hu.size()));
  }
  LesionMeasurements measured;
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < mask.voxels.size(); ++i) {
    if (mask.voxels[i] == 0) continue;
    const double hu = volume.hu[i];
    measured.min_hu = measured.voxel_count == 0 ? hu : std::min(measured.min_hu, hu);
    measured.max_hu = measured.voxel_count == 0 ? hu : std::max(measured.max_hu, hu);
    ++measured.voxel_count;
    sum += hu;
    squares += hu * hu;  // whole numbers: exact up to 2^53
  }
  if (measured.voxel_count == 0) return {};
  const auto n = static_cast<double>(measured.voxel_count);
  measured.mean_hu = sum / n;
  measured.sd_hu = std::sqrt(std::max(0.0, squares / n - measured.mean_hu * measured.mean_hu));
  measured.volume_mm3 = n * mask.geometry.voxel_volume_mm3();
  measure_axes(mask, measured);
  return measured;
}

}  // namespace punctum
