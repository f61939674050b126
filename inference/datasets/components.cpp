#include "inference/datasets/components.hpp"

#include <algorithm>

namespace punctum {
namespace {

/// Takes the part that holds a voxel out of the mask.
std::vector<std::size_t> take_part(std::vector<std::uint8_t>& mask, const MaskGrid& grid, const VoxelIndex& start) {
  std::vector<VoxelIndex> front{start};
  std::vector<std::size_t> part;
  mask[grid.index(start.x, start.y, start.z)] = 0;
  while (!front.empty()) {
    const auto at = front.back();
    front.pop_back();
    part.push_back(grid.index(at.x, at.y, at.z));
    for (int z = std::max(0, at.z - 1); z <= std::min(grid.slices - 1, at.z + 1); ++z) {
      for (int y = std::max(0, at.y - 1); y <= std::min(grid.rows - 1, at.y + 1); ++y) {
        for (int x = std::max(0, at.x - 1); x <= std::min(grid.columns - 1, at.x + 1); ++x) {
          auto& voxel = mask[grid.index(x, y, z)];
          if (voxel == 0) continue;
          voxel = 0;
          front.push_back({x, y, z});
        }
      }
    }
  }
  std::sort(part.begin(), part.end());
  return part;
}

}  // namespace

std::vector<std::vector<std::size_t>> connected_parts(const std::vector<std::uint8_t>& mask, const MaskGrid& grid,
                                                      std::size_t least) {
  auto left = mask;
  std::vector<std::vector<std::size_t>> parts;
  for (int z = 0; z < grid.slices; ++z) {
    for (int y = 0; y < grid.rows; ++y) {
      for (int x = 0; x < grid.columns; ++x) {
        if (left[grid.index(x, y, z)] == 0) continue;
        auto part = take_part(left, grid, {x, y, z});
        if (part.size() >= least) parts.push_back(std::move(part));
      }
    }
  }
  std::stable_sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
  return parts;
}

}  // namespace punctum
