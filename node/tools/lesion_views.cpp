#include "node/tools/lesion_views.hpp"

#include <algorithm>
#include <cmath>

#include "dicom/types/error.hpp"

namespace punctum {
namespace {

/// Calls use(x, y, z) for every voxel of the lesion.
template <typename Use>
void for_each_voxel(const LesionMask& mask, Use use) {
  const auto& grid = mask.geometry;
  std::size_t i = 0;
  for (int z = 0; z < grid.slice_count(); ++z) {
    for (int y = 0; y < grid.rows(); ++y) {
      for (int x = 0; x < grid.columns(); ++x, ++i) {
        if (mask.voxels[i] != 0) use(std::array<int, 3>{x, y, z});
      }
    }
  }
}

/// The layer with the largest area; of several as large, the middle one.
int middle_of_largest(const std::vector<int>& area) {
  const int largest = *std::max_element(area.begin(), area.end());
  std::vector<int> candidates;
  for (std::size_t i = 0; i < area.size(); ++i) {
    if (area[i] == largest) candidates.push_back(static_cast<int>(i));
  }
  return candidates[candidates.size() / 2];
}

std::array<int, 3> largest_layers(const LesionMask& mask) {
  const auto& grid = mask.geometry;
  std::array<std::vector<int>, 3> area{std::vector<int>(static_cast<std::size_t>(grid.columns())),
                                       std::vector<int>(static_cast<std::size_t>(grid.rows())),
                                       std::vector<int>(static_cast<std::size_t>(grid.slice_count()))};
  for_each_voxel(mask, [&](const auto& v) {
    for (std::size_t axis = 0; axis < 3; ++axis) ++area[axis][static_cast<std::size_t>(v[axis])];
  });
  return {middle_of_largest(area[0]), middle_of_largest(area[1]), middle_of_largest(area[2])};
}

PatientVector direction_of(const SeriesGeometry& grid, int axis) {
  const auto& plane = grid.slices().front().plane;
  if (axis == 0) return plane.row_direction;
  if (axis == 1) return plane.column_direction;
  const auto step = grid.slice_step_mm();
  const double length = std::sqrt(dot(step, step));
  return length > 0 ? step * (1 / length) : plane.normal();
}

/// Which of x, y, z of the patient a direction follows most.
int main_component(const PatientVector& v) {
  const std::array<double, 3> size{std::abs(v.x), std::abs(v.y), std::abs(v.z)};
  return static_cast<int>(std::max_element(size.begin(), size.end()) - size.begin());
}

double component(const PatientVector& v, int i) { return i == 0 ? v.x : i == 1 ? v.y : v.z; }

char letter(const PatientVector& v, bool reversed) {
  static constexpr std::array towards{'L', 'P', 'H'};
  static constexpr std::array away{'R', 'A', 'F'};
  const auto i = static_cast<std::size_t>(main_component(v));
  const bool positive = (component(v, static_cast<int>(i)) > 0) != reversed;
  return positive ? towards[i] : away[i];
}

LesionView view_across(const SeriesGeometry& grid, int fixed_axis, int fixed_index) {
  static const std::array<std::string, 3> names{"Sagittal", "Coronal", "Axial"};
  LesionView view{names[static_cast<std::size_t>(main_component(direction_of(grid, fixed_axis)))], fixed_axis,
                  fixed_index};
  view.across = fixed_axis == 0 ? 1 : 0;
  view.down = fixed_axis == 2 ? 1 : 2;
  // What follows the patient's height stands upright; in axial planes, what runs from front to back.
  if (main_component(direction_of(grid, view.across)) > main_component(direction_of(grid, view.down))) {
    std::swap(view.across, view.down);
  }
  const auto across = direction_of(grid, view.across), down = direction_of(grid, view.down);
  const int upright = main_component(down);
  view.across_sign = component(across, main_component(across)) > 0 ? 1 : -1;
  const bool grows_downwards = upright == 2 ? component(down, upright) < 0 : component(down, upright) > 0;
  view.down_sign = grows_downwards ? 1 : -1;
  view.edges = {letter(across, view.across_sign > 0), letter(across, view.across_sign < 0),
                letter(down, view.down_sign > 0), letter(down, view.down_sign < 0)};
  return view;
}

}  // namespace

std::array<LesionView, 3> choose_views(const LesionMask& mask) {
  const auto layers = largest_layers(mask);
  return {view_across(mask.geometry, 2, layers[2]), view_across(mask.geometry, 1, layers[1]),
          view_across(mask.geometry, 0, layers[0])};
}

VoxelBox box_around(const LesionMask& mask) {
  VoxelBox box{{1 << 30, 1 << 30, 1 << 30}, {-1, -1, -1}};
  for_each_voxel(mask, [&](const auto& v) {
    for (std::size_t axis = 0; axis < 3; ++axis) {
      box.first[axis] = std::min(box.first[axis], v[axis]);
      box.last[axis] = std::max(box.last[axis], v[axis]);
    }
  });
  if (box.last[0] < 0) throw GeometryError("cannot show a lesion: its mask is empty");
  return box;
}

Window choose_window(const Volume& volume, const LesionMask& mask) {
  constexpr double reach_mm = 12;
  constexpr int lowest_lung_hu = -980, highest_lung_hu = -500;
  const auto& grid = volume.geometry;
  const auto box = box_around(mask);
  const std::array<double, 3> spacing{grid.column_spacing_mm(), grid.row_spacing_mm(), grid.slice_spacing_mm()};
  const std::array<int, 3> size{grid.columns(), grid.rows(), grid.slice_count()};
  std::array<int, 3> from{}, to{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const int reach = static_cast<int>(reach_mm / spacing[axis]);
    from[axis] = std::max(0, box.first[axis] - reach);
    to[axis] = std::min(size[axis] - 1, box.last[axis] + reach);
  }
  std::size_t around = 0, lung = 0;
  for (int z = from[2]; z <= to[2]; ++z) {
    for (int y = from[1]; y <= to[1]; ++y) {
      for (int x = from[0]; x <= to[0]; ++x) {
        const auto i = volume.index({x, y, z});
        if (mask.voxels[i] != 0) continue;
        ++around;
        if (volume.hu[i] >= lowest_lung_hu && volume.hu[i] <= highest_lung_hu) ++lung;
      }
    }
  }
  const bool in_lung = around > 0 && static_cast<double>(lung) > 0.4 * static_cast<double>(around);
  return in_lung ? Window{"lung", -500, 1500} : Window{"soft tissue", 40, 400};
}

}  // namespace punctum
