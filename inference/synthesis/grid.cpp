#include "inference/synthesis/grid.hpp"

namespace punctum::synthesis {
namespace {

/// Along one axis, in place, for all lines of it.
void smooth_axis(std::vector<float>& values, std::size_t count, std::size_t stride) {
  if (count < 2) return;
  const std::size_t span = count * stride;
  std::vector<float> before(stride), here(stride);
  for (std::size_t block = 0; block + span <= values.size(); block += span) {
    float* at = values.data() + block;
    std::copy(at, at + stride, before.begin());
    for (std::size_t i = 0; i < count; ++i, at += stride) {
      const float* after = i + 1 < count ? at + stride : at;
      for (std::size_t k = 0; k < stride; ++k) {
        const float own = at[k];
        at[k] = 0.25F * (before[k] + 2 * own + after[k]);
        before[k] = own;
      }
    }
  }
}

}  // namespace

void smooth(std::vector<float>& values, int nx, int ny, int nz) {
  const auto columns = static_cast<std::size_t>(nx), rows = static_cast<std::size_t>(ny);
  smooth_axis(values, columns, 1);
  smooth_axis(values, rows, columns);
  smooth_axis(values, static_cast<std::size_t>(nz), columns * rows);
}

void smooth(Grid<float>& grid) { smooth(grid.values, grid.nx, grid.ny, grid.nz); }

Grid<float> signed_distance(const Grid<std::uint8_t>& set) {
  const auto outside = distance_to_set(set.values, set.mask_grid());
  const auto inside = distance_to_rest(set.values, set.mask_grid());
  const auto half = static_cast<float>(0.5 * set.step_mm);
  constexpr float far = 1e4F;  // nothing set, or nothing unset
  std::vector<float> distance(outside.size());
  for (std::size_t i = 0; i < distance.size(); ++i) {
    distance[i] = set.values[i] == 0 ? std::min(outside[i] - half, far) : std::max(half - inside[i], -far);
  }
  auto grid = set.like(std::move(distance));
  smooth(grid);
  return grid;
}

}  // namespace punctum::synthesis
