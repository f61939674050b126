#include "inference/measure/distance_transform.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace punctum {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

/// Squared distances along one line: the lower envelope of one parabola per finite value.
class LineTransform {
 public:
  LineTransform(int count, double spacing)
      : spacing2_(spacing * spacing),
        values_(static_cast<std::size_t>(count)),
        apex_(values_.size()),
        from_(values_.size() + 1) {}

  void run(double* line, std::size_t stride) {
    const auto n = static_cast<std::ptrdiff_t>(values_.size());
    for (std::ptrdiff_t i = 0; i < n; ++i)
      values_[static_cast<std::size_t>(i)] = line[static_cast<std::size_t>(i) * stride];
    std::ptrdiff_t top = -1;
    for (std::ptrdiff_t i = 0; i < n; ++i) {
      if (value(i) == infinite) continue;
      double start = -infinite;
      while (top >= 0) {
        start = crossing(apex_[static_cast<std::size_t>(top)], i);
        if (start > from_[static_cast<std::size_t>(top)]) break;
        --top;
        start = -infinite;
      }
      ++top;
      apex_[static_cast<std::size_t>(top)] = i;
      from_[static_cast<std::size_t>(top)] = start;
    }
    if (top < 0) return;
    std::ptrdiff_t k = 0;
    for (std::ptrdiff_t i = 0; i < n; ++i) {
      while (k < top && from_[static_cast<std::size_t>(k + 1)] < static_cast<double>(i)) ++k;
      const auto apex = apex_[static_cast<std::size_t>(k)];
      const auto d = static_cast<double>(i - apex);
      line[static_cast<std::size_t>(i) * stride] = value(apex) + spacing2_ * d * d;
    }
  }

 private:
  double value(std::ptrdiff_t i) const { return values_[static_cast<std::size_t>(i)]; }
  double crossing(std::ptrdiff_t a, std::ptrdiff_t b) const {
    const auto x = static_cast<double>(a), y = static_cast<double>(b);
    return ((value(b) - value(a)) / spacing2_ + y * y - x * x) / (2 * (y - x));
  }

  double spacing2_;
  std::vector<double> values_;
  std::vector<std::ptrdiff_t> apex_;
  std::vector<double> from_;
};

}  // namespace

IndexBox bounds_of(const std::vector<std::uint8_t>& mask, const MaskGrid& grid, int margin) {
  IndexBox box{{grid.columns, grid.rows, grid.slices}, {0, 0, 0}};
  std::size_t i = 0;
  for (int z = 0; z < grid.slices; ++z) {
    for (int y = 0; y < grid.rows; ++y) {
      for (int x = 0; x < grid.columns; ++x, ++i) {
        if (mask[i] == 0) continue;
        box.low = {std::min(box.low.x, x), std::min(box.low.y, y), std::min(box.low.z, z)};
        box.high = {std::max(box.high.x, x + 1), std::max(box.high.y, y + 1), std::max(box.high.z, z + 1)};
      }
    }
  }
  if (box.empty()) return {};
  return {{std::max(0, box.low.x - margin), std::max(0, box.low.y - margin), std::max(0, box.low.z - margin)},
          {std::min(grid.columns, box.high.x + margin), std::min(grid.rows, box.high.y + margin),
           std::min(grid.slices, box.high.z + margin)}};
}

std::vector<float> distance_to_set(const std::vector<std::uint8_t>& set, const MaskGrid& grid) {
  std::vector<double> squared(grid.size());
  for (std::size_t i = 0; i < squared.size(); ++i) squared[i] = set[i] != 0 ? 0 : infinite;
  LineTransform along_x(grid.columns, grid.dx_mm), along_y(grid.rows, grid.dy_mm), along_z(grid.slices, grid.dz_mm);
  for (int z = 0; z < grid.slices; ++z) {
    for (int y = 0; y < grid.rows; ++y) along_x.run(&squared[grid.index(0, y, z)], 1);
    for (int x = 0; x < grid.columns; ++x) along_y.run(&squared[grid.index(x, 0, z)], grid.index(0, 1, 0));
  }
  for (int y = 0; y < grid.rows; ++y) {
    for (int x = 0; x < grid.columns; ++x) along_z.run(&squared[grid.index(x, y, 0)], grid.index(0, 0, 1));
  }
  std::vector<float> distance(squared.size());
  std::transform(squared.begin(), squared.end(), distance.begin(),
                 [](double d2) { return static_cast<float>(std::sqrt(d2)); });
  return distance;
}

std::vector<float> distance_to_rest(const std::vector<std::uint8_t>& set, const MaskGrid& grid) {
  std::vector<std::uint8_t> rest(set.size());
  std::transform(set.begin(), set.end(), rest.begin(),
                 [](auto v) { return v == 0 ? std::uint8_t{1} : std::uint8_t{0}; });
  return distance_to_set(rest, grid);
}

std::optional<VoxelIndex> deepest_voxel(const std::vector<std::uint8_t>& mask, const MaskGrid& grid) {
  const IndexBox box = bounds_of(mask, grid);
  if (box.empty()) return {};
  // A frame of outside voxels around the mask's box makes the grid's end count as outside.
  MaskGrid framed = grid;
  framed.columns = box.high.x - box.low.x + 2;
  framed.rows = box.high.y - box.low.y + 2;
  framed.slices = box.high.z - box.low.z + 2;
  std::vector<std::uint8_t> outside(framed.size(), 1);
  for (int z = box.low.z; z < box.high.z; ++z) {
    for (int y = box.low.y; y < box.high.y; ++y) {
      for (int x = box.low.x; x < box.high.x; ++x) {
        if (mask[grid.index(x, y, z)] != 0) {
          outside[framed.index(x - box.low.x + 1, y - box.low.y + 1, z - box.low.z + 1)] = 0;
        }
      }
    }
  }
  const auto depth = distance_to_set(outside, framed);
  const auto best =
      framed.voxel(static_cast<std::size_t>(std::max_element(depth.begin(), depth.end()) - depth.begin()));
  return VoxelIndex{best.x - 1 + box.low.x, best.y - 1 + box.low.y, best.z - 1 + box.low.z};
}

}  // namespace punctum
