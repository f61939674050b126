#include "dicom/geometry/series_geometry.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "dicom/types/error.hpp"

namespace punctum {
namespace {

constexpr double direction_tolerance = 1e-3;  ///< per component; what DS rounding does to cosines
constexpr double spacing_tolerance_mm = 1e-3;
constexpr double position_tolerance_mm = 0.1;  ///< of a slice from its place on the regular grid

std::string mm(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

bool near(const PatientVector& a, const PatientVector& b) {
  return std::abs(a.x - b.x) < direction_tolerance && std::abs(a.y - b.y) < direction_tolerance &&
         std::abs(a.z - b.z) < direction_tolerance;
}

double length(const PatientVector& v) { return std::sqrt(dot(v, v)); }

void require_unit_axes(const SlicePlane& plane, const Uid& uid) {
  const bool good = std::abs(length(plane.row_direction) - 1) < direction_tolerance &&
                    std::abs(length(plane.column_direction) - 1) < direction_tolerance &&
                    std::abs(dot(plane.row_direction, plane.column_direction)) < direction_tolerance &&
                    plane.column_spacing_mm > 0 && plane.row_spacing_mm > 0 && plane.columns > 0 && plane.rows > 0;
  if (!good) {
    throw GeometryError("cannot place image " + uid.str() +
                        ": expected two perpendicular unit vectors, positive spacing and size");
  }
}

void require_same_plane_shape(const PlacedSlice& first, const PlacedSlice& other) {
  const auto& a = first.plane;
  const auto& b = other.plane;
  const bool same = a.columns == b.columns && a.rows == b.rows &&
                    std::abs(a.column_spacing_mm - b.column_spacing_mm) < spacing_tolerance_mm &&
                    std::abs(a.row_spacing_mm - b.row_spacing_mm) < spacing_tolerance_mm &&
                    near(a.row_direction, b.row_direction) && near(a.column_direction, b.column_direction);
  if (!same) {
    throw GeometryError("cannot stack images " + first.instance.sop_instance_uid.str() + " and " +
                        other.instance.sop_instance_uid.str() + ": they differ in size, pixel spacing or orientation");
  }
}

}  // namespace

SeriesGeometry::SeriesGeometry(std::vector<PlacedSlice> slices, Uid frame_of_reference_uid, PatientVector step,
                               double spacing)
    : slices_(std::move(slices)),
      frame_of_reference_uid_(std::move(frame_of_reference_uid)),
      slice_step_mm_(step),
      slice_spacing_mm_(spacing) {}

SeriesGeometry SeriesGeometry::from_slices(std::vector<PlacedSlice> slices, Uid frame_of_reference_uid,
                                           double single_slice_thickness_mm) {
  if (slices.empty()) throw GeometryError("cannot stack images: there is none");
  for (const auto& slice : slices) {
    require_unit_axes(slice.plane, slice.instance.sop_instance_uid);
    require_same_plane_shape(slices.front(), slice);
  }
  const auto normal = slices.front().plane.normal();
  const auto height = [&](const PlacedSlice& s) { return dot(s.plane.position_mm - PatientPoint{}, normal); };
  std::sort(slices.begin(), slices.end(), [&](const auto& a, const auto& b) { return height(a) < height(b); });
  if (slices.size() == 1) {
    const double thickness = single_slice_thickness_mm > 0 ? single_slice_thickness_mm : 1.0;
    return {std::move(slices), std::move(frame_of_reference_uid), normal * thickness, thickness};
  }
  const auto& first = slices.front().plane.position_mm;
  const auto step = (slices.back().plane.position_mm - first) * (1.0 / static_cast<double>(slices.size() - 1));
  const double spacing = dot(step, normal);
  if (spacing < spacing_tolerance_mm) {
    throw GeometryError("cannot stack " + std::to_string(slices.size()) + " images: they lie at the same position");
  }
  for (std::size_t i = 0; i < slices.size(); ++i) {
    const auto off = slices[i].plane.position_mm - (first + step * static_cast<double>(i));
    if (length(off) > position_tolerance_mm + 0.01 * spacing) {
      throw GeometryError("cannot stack images evenly: image " + slices[i].instance.sop_instance_uid.str() + " lies " +
                          mm(length(off)) + " mm from its place in a stack of " + std::to_string(slices.size()) +
                          " slices " + mm(spacing) + " mm apart");
    }
  }
  return {std::move(slices), std::move(frame_of_reference_uid), step, spacing};
}

PatientPoint SeriesGeometry::to_patient(double x, double y, double z) const {
  const auto& plane = slices_.front().plane;
  return plane.position_mm + plane.row_direction * (x * plane.column_spacing_mm) +
         plane.column_direction * (y * plane.row_spacing_mm) + slice_step_mm_ * z;
}

SeriesGeometry::FractionalIndex SeriesGeometry::to_index(const PatientPoint& point) const {
  const auto& plane = slices_.front().plane;
  const auto offset = point - plane.position_mm;
  const double z = dot(offset, plane.normal()) / slice_spacing_mm_;
  const auto in_plane = offset + slice_step_mm_ * -z;  // undoes the shear of a tilted gantry
  return {dot(in_plane, plane.row_direction) / plane.column_spacing_mm,
          dot(in_plane, plane.column_direction) / plane.row_spacing_mm, z};
}

bool SeriesGeometry::contains(const VoxelIndex& v) const {
  return v.x >= 0 && v.x < columns() && v.y >= 0 && v.y < rows() && v.z >= 0 && v.z < slice_count();
}

std::optional<int> SeriesGeometry::slice_of(const Uid& sop_instance_uid) const {
  for (std::size_t i = 0; i < slices_.size(); ++i) {
    if (slices_[i].instance.sop_instance_uid == sop_instance_uid) return static_cast<int>(i);
  }
  return std::nullopt;
}

VoxelIndex SeriesGeometry::voxel_under(const ImagePoint& point, const Uid& sop_instance_uid) const {
  const auto z = slice_of(sop_instance_uid);
  if (!z) throw GeometryError("cannot place point: image " + sop_instance_uid.str() + " is not part of the volume");
  punctum::to_patient(point, slices_[static_cast<std::size_t>(*z)].plane);  // throws outside the image
  // floor() is right for conforming writers (centre at .5) and for those that write whole zero-based indices.
  return {std::min(static_cast<int>(std::floor(point.column)), columns() - 1),
          std::min(static_cast<int>(std::floor(point.row)), rows() - 1), *z};
}

}  // namespace punctum
