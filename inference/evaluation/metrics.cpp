#include "inference/evaluation/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "dicom/types/error.hpp"
#include "inference/evaluation/mask_grid.hpp"

namespace punctum {
namespace {

void require_same_size(const LesionMask& a, const LesionMask& b) {
  if (a.voxels.size() == b.voxels.size() && a.geometry.columns() == b.geometry.columns() &&
      a.geometry.rows() == b.geometry.rows()) {
    return;
  }
  throw GeometryError("cannot compare masks: one has " + std::to_string(a.voxels.size()) + " voxels, the other " +
                      std::to_string(b.voxels.size()) + " or other sides");
}

/// What the voxels within a box say, on a grid of the box's own size.
std::vector<std::uint8_t> cut_out(const std::vector<std::uint8_t>& mask, const MaskGrid& grid, const IndexBox& box) {
  std::vector<std::uint8_t> cut;
  for (int z = box.low.z; z < box.high.z; ++z) {
    for (int y = box.low.y; y < box.high.y; ++y) {
      for (int x = box.low.x; x < box.high.x; ++x) cut.push_back(mask[grid.index(x, y, z)]);
    }
  }
  return cut;
}

std::vector<std::uint8_t> surface_of(const std::vector<std::uint8_t>& mask, const MaskGrid& grid) {
  std::vector<std::uint8_t> surface(mask.size(), 0);
  const auto set = [&](int x, int y, int z) {
    return x >= 0 && y >= 0 && z >= 0 && x < grid.columns && y < grid.rows && z < grid.slices &&
           mask[grid.index(x, y, z)] != 0;
  };
  for (int z = 0; z < grid.slices; ++z) {
    for (int y = 0; y < grid.rows; ++y) {
      for (int x = 0; x < grid.columns; ++x) {
        const bool inner = set(x - 1, y, z) && set(x + 1, y, z) && set(x, y - 1, z) && set(x, y + 1, z) &&
                           set(x, y, z - 1) && set(x, y, z + 1);
        surface[grid.index(x, y, z)] = set(x, y, z) && !inner;
      }
    }
  }
  return surface;
}

double percentile_95(std::vector<float> values) {
  std::sort(values.begin(), values.end());
  const double at = 0.95 * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (at - static_cast<double>(below)) * (values[above] - values[below]);
}

double directed(const std::vector<std::uint8_t>& from, const std::vector<std::uint8_t>& to, const MaskGrid& grid) {
  const auto distance = distance_to_set(to, grid);
  std::vector<float> met;
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (from[i] != 0) met.push_back(distance[i]);
  }
  return percentile_95(std::move(met));
}

}  // namespace

std::optional<double> dice(const LesionMask& a, const LesionMask& b) {
  require_same_size(a, b);
  std::size_t both = 0, sum = 0;
  for (std::size_t i = 0; i < a.voxels.size(); ++i) {
    both += a.voxels[i] != 0 && b.voxels[i] != 0;
    sum += static_cast<std::size_t>(a.voxels[i] != 0) + static_cast<std::size_t>(b.voxels[i] != 0);
  }
  if (sum == 0) return {};
  return 2 * static_cast<double>(both) / static_cast<double>(sum);
}

std::optional<double> hd95_mm(const LesionMask& a, const LesionMask& b) {
  require_same_size(a, b);
  const bool a_empty = a.count() == 0, b_empty = b.count() == 0;
  if (a_empty && b_empty) return {};
  if (a_empty || b_empty) return std::numeric_limits<double>::infinity();
  const MaskGrid whole = mask_grid(a.geometry);
  std::vector<std::uint8_t> either(a.voxels);
  for (std::size_t i = 0; i < either.size(); ++i) either[i] = a.voxels[i] != 0 || b.voxels[i] != 0;
  const IndexBox box = bounds_of(either, whole);
  MaskGrid grid = whole;
  grid.columns = box.high.x - box.low.x;
  grid.rows = box.high.y - box.low.y;
  grid.slices = box.high.z - box.low.z;
  const auto surface_a = surface_of(cut_out(a.voxels, whole, box), grid);
  const auto surface_b = surface_of(cut_out(b.voxels, whole, box), grid);
  return std::max(directed(surface_a, surface_b, grid), directed(surface_b, surface_a, grid));
}

}  // namespace punctum
