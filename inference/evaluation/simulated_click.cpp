#include "inference/evaluation/simulated_click.hpp"

#include <utility>
#include <vector>

#include "inference/evaluation/mask_grid.hpp"

namespace punctum {
namespace {

using Indices = std::vector<std::size_t>;

/// Takes one connected part out of a mask, beginning at a set voxel.
Indices take_part(std::vector<std::uint8_t>& mask, const MaskGrid& grid, std::size_t seed) {
  const auto columns = static_cast<std::size_t>(grid.columns), plane = columns * static_cast<std::size_t>(grid.rows);
  Indices part{seed};
  mask[seed] = 0;
  for (std::size_t next = 0; next < part.size(); ++next) {
    const std::size_t i = part[next];
    const std::size_t x = i % columns, y = i % plane / columns, z = i / plane;
    const auto visit = [&](bool inside, std::size_t neighbour) {
      if (!inside || mask[neighbour] == 0) return;
      mask[neighbour] = 0;
      part.push_back(neighbour);
    };
    visit(x > 0, i - 1);
    visit(x + 1 < columns, i + 1);
    visit(y > 0, i - columns);
    visit(y + 1 < static_cast<std::size_t>(grid.rows), i + columns);
    visit(z > 0, i - plane);
    visit(z + 1 < static_cast<std::size_t>(grid.slices), i + plane);
  }
  return part;
}

Indices largest_part(std::vector<std::uint8_t> mask, const MaskGrid& grid) {
  Indices largest;
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (mask[i] == 0) continue;
    auto part = take_part(mask, grid, i);
    if (part.size() > largest.size()) largest = std::move(part);
  }
  return largest;
}

/// Voxels that are set in the first mask but not in the second.
std::vector<std::uint8_t> without(const LesionMask& first, const LesionMask& second) {
  std::vector<std::uint8_t> rest(first.voxels.size());
  for (std::size_t i = 0; i < rest.size(); ++i) rest[i] = first.voxels[i] != 0 && second.voxels[i] == 0;
  return rest;
}

}  // namespace

std::optional<VoxelClick> first_click(const LesionMask& truth) {
  const auto voxel = deepest_voxel(truth.voxels, mask_grid(truth.geometry));
  if (!voxel) return {};
  return VoxelClick{*voxel, ClickSign::positive};
}

std::optional<VoxelClick> correcting_click(const LesionMask& truth, const LesionMask& predicted) {
  const MaskGrid grid = mask_grid(truth.geometry);
  const auto missing = largest_part(without(truth, predicted), grid);
  const auto extra = largest_part(without(predicted, truth), grid);
  const auto& worst = missing.size() >= extra.size() ? missing : extra;
  if (worst.empty()) return {};
  std::vector<std::uint8_t> part(grid.size(), 0);
  for (const std::size_t i : worst) part[i] = 1;
  return VoxelClick{*deepest_voxel(part, grid), &worst == &missing ? ClickSign::positive : ClickSign::negative};
}

}  // namespace punctum
