#include "inference/datasets/axis_order.hpp"

#include <algorithm>
#include <cmath>

#include "dicom/types/error.hpp"
#include "dicom/types/sop_classes.hpp"

namespace punctum {
namespace {

double component(const PatientVector& v, std::size_t axis) { return axis == 0 ? v.x : axis == 1 ? v.y : v.z; }

/// Which file axis serves as x, y and z: the assignment that follows the patient's axes best.
std::array<std::size_t, 3> nearest_order(const std::array<PatientVector, 3>& direction) {
  std::array<std::size_t, 3> order{0, 1, 2}, best = order;
  double best_fit = -1;
  do {
    double fit = 0;
    for (std::size_t i = 0; i < 3; ++i) fit += std::abs(component(direction[order[i]], i));
    if (fit > best_fit + 1e-9) {
      best_fit = fit;
      best = order;
    }
  } while (std::next_permutation(order.begin(), order.end()));
  return best;
}

}  // namespace

AxisOrder::AxisOrder(const VoxelAxes& axes) : first_mm_(axes.first_mm) {
  const std::array<std::ptrdiff_t, 3> file_stride{
      1, axes.count[0], static_cast<std::ptrdiff_t>(axes.count[0]) * static_cast<std::ptrdiff_t>(axes.count[1])};
  const auto order = nearest_order(axes.direction);
  for (std::size_t i = 0; i < 3; ++i) {
    count_[i] = axes.count[order[i]];
    spacing_mm_[i] = axes.spacing_mm[order[i]];
    direction_[i] = axes.direction[order[i]];
    stride_[i] = file_stride[order[i]];
  }
  const auto turn = [this](std::size_t i) {
    first_mm_ = first_mm_ + direction_[i] * (spacing_mm_[i] * static_cast<double>(count_[i] - 1));
    start_ += stride_[i] * (count_[i] - 1);
    direction_[i] = direction_[i] * -1;
    stride_[i] = -stride_[i];
  };
  for (std::size_t i = 0; i < 3; ++i) {
    if (component(direction_[i], i) < 0) turn(i);
  }
  // Rows, columns and slices of a series are right-handed. Far from the patient's axes the turns above may break that.
  if (dot(cross(direction_[0], direction_[1]), direction_[2]) < 0) turn(2);
}

std::size_t AxisOrder::size() const { return static_cast<std::size_t>(count_[0] * count_[1] * count_[2]); }

SeriesGeometry AxisOrder::geometry(const std::string& name) const {
  const auto series = Uid::derived_from("series " + name);
  const auto frame = Uid::derived_from("frame " + name);
  std::vector<PlacedSlice> slices;
  for (std::ptrdiff_t z = 0; z < count_[2]; ++z) {
    const SopInstance instance{frame, series, Uid::derived_from("slice " + std::to_string(z) + " " + name),
                               Uid::require(sop_class::ct_image_storage)};
    slices.push_back(
        {instance,
         {first_mm_ + direction_[2] * (spacing_mm_[2] * static_cast<double>(z)), direction_[0], direction_[1],
          spacing_mm_[0], spacing_mm_[1], static_cast<int>(count_[0]), static_cast<int>(count_[1])}});
  }
  return SeriesGeometry::from_slices(std::move(slices), frame, spacing_mm_[2]);
}

}  // namespace punctum
