#include "dicom/rtstruct/structure_set.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <span>

#include "dicom/rtstruct/contour_fill.hpp"
#include "dicom/types/error.hpp"

namespace punctum {
namespace {

/// Of the distance between slices. Writers round coordinates; a quarter is no rounding any more.
constexpr double off_slice_tolerance = 0.25;

std::string mm(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f mm", value);
  return text;
}

const Roi& roi_named(const StructureSet& structures, std::string_view name) {
  const auto is_it = [&](const Roi& roi) { return roi.name == name; };
  const auto count = std::count_if(structures.rois.begin(), structures.rois.end(), is_it);
  if (count != 1) {
    throw DicomError("cannot use contours: found " + std::to_string(count) + " regions named " + std::string(name) +
                     " among " + std::to_string(structures.rois.size()) + ", expected one");
  }
  return *std::find_if(structures.rois.begin(), structures.rois.end(), is_it);
}

void require_drawn_on(const StructureSet& structures, const Roi& roi, const SeriesGeometry& geometry) {
  if (roi.frame_of_reference_uid != geometry.frame_of_reference_uid()) {
    throw GeometryError("cannot place contours: they are drawn in frame of reference " +
                        roi.frame_of_reference_uid.str() + ", expected that of the series, " +
                        geometry.frame_of_reference_uid().str());
  }
  const auto& series = geometry.slices().front().instance.series_instance_uid;
  if (structures.series.empty() || std::count(structures.series.begin(), structures.series.end(), series) > 0) return;
  throw GeometryError("cannot place contours: they are drawn on series " + structures.series.front().str() +
                      ", expected " + series.str());
}

/// The slice that a contour lies on, and its corners there.
std::pair<int, std::vector<GridPoint>> on_slice(const Contour& contour, const SeriesGeometry& geometry) {
  std::vector<GridPoint> polygon;
  double lowest = 1e300, highest = -1e300;
  for (const auto& point : contour) {
    const auto at = geometry.to_index(point);
    polygon.push_back({at.x, at.y});
    lowest = std::min(lowest, at.z);
    highest = std::max(highest, at.z);
  }
  const double spacing = geometry.slice_spacing_mm();
  if (!(highest - lowest <= off_slice_tolerance)) {
    throw GeometryError("cannot place contour: it runs across the slices over " + mm((highest - lowest) * spacing) +
                        ", expected a contour drawn on one slice");
  }
  const double height = 0.5 * (lowest + highest), slice = std::round(height);
  if (slice < 0 || slice >= geometry.slice_count()) {
    throw GeometryError(
        "cannot place contour: it lies " + mm(spacing * (height < 0 ? -height : height - geometry.slice_count() + 1)) +
        " beyond the series, expected it on one of the " + std::to_string(geometry.slice_count()) + " slices");
  }
  if (std::abs(height - slice) > off_slice_tolerance) {
    throw GeometryError("cannot place contour: it lies " + mm(std::abs(height - slice) * spacing) +
                        " from the nearest slice, where slices are " + mm(spacing) +
                        " apart; expected a contour drawn on a slice of this series");
  }
  return {static_cast<int>(slice), std::move(polygon)};
}

}  // namespace

LesionMask rasterize(const StructureSet& structures, std::string_view roi_name, const SeriesGeometry& geometry) {
  const auto& roi = roi_named(structures, roi_name);
  if (roi.contours.empty()) {
    throw DicomError("cannot use contours: region " + roi.name + " has no closed planar contour, expected some");
  }
  require_drawn_on(structures, roi, geometry);
  std::map<int, std::vector<std::vector<GridPoint>>> polygons;
  for (const auto& contour : roi.contours) {
    auto [slice, polygon] = on_slice(contour, geometry);
    polygons[slice].push_back(std::move(polygon));
  }
  const auto slice_size = static_cast<std::size_t>(geometry.columns()) * static_cast<std::size_t>(geometry.rows());
  LesionMask mask{geometry, std::vector<std::uint8_t>(slice_size * static_cast<std::size_t>(geometry.slice_count()))};
  for (const auto& [slice, shapes] : polygons) {
    fill_even_odd(shapes, geometry.columns(), geometry.rows(),
                  std::span(mask.voxels).subspan(static_cast<std::size_t>(slice) * slice_size, slice_size));
  }
  return mask;
}

}  // namespace punctum
