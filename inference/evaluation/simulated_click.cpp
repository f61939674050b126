#include "inference/evaluation/simulated_click.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>
#include <vector>

#include "inference/preprocess/face_neighbours.hpp"

namespace punctum {
namespace {

using Mask = std::vector<std::uint8_t>;
using Indices = std::vector<std::size_t>;

/// Takes one connected part out of a mask, beginning at a set voxel.
Indices take_part(Mask& mask, const MaskGrid& grid, std::size_t seed) {
  const std::array counts{static_cast<std::size_t>(grid.columns), static_cast<std::size_t>(grid.rows),
                          static_cast<std::size_t>(grid.slices)};
  Indices part{seed};
  mask[seed] = 0;
  for (std::size_t next = 0; next < part.size(); ++next) {
    for_face_neighbours(part[next], counts, [&](std::size_t neighbour) {
      if (mask[neighbour] == 0) return;
      mask[neighbour] = 0;
      part.push_back(neighbour);
    });
  }
  return part;
}

Indices largest_part(Mask mask, const MaskGrid& grid) {
  Indices largest;
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (mask[i] == 0) continue;
    auto part = take_part(mask, grid, i);
    if (part.size() > largest.size()) largest = std::move(part);
  }
  return largest;
}

/// Voxels that are set in the first mask but not in the second.
Mask without(const Mask& first, const Mask& second) {
  Mask rest(first.size());
  for (std::size_t i = 0; i < rest.size(); ++i) rest[i] = first[i] != 0 && second[i] == 0;
  return rest;
}

/// To the nearest voxel outside the mask, mm; beyond the grid counts as outside. 0 outside.
std::vector<float> depth_of(const Mask& mask, const MaskGrid& grid) {
  MaskGrid framed = grid;
  framed.columns += 2, framed.rows += 2, framed.slices += 2;
  Mask outside(framed.size(), 1);
  const auto each_voxel = [&](const auto& visit) {
    for (int z = 0; z < grid.slices; ++z) {
      for (int y = 0; y < grid.rows; ++y) {
        for (int x = 0; x < grid.columns; ++x) visit(grid.index(x, y, z), framed.index(x + 1, y + 1, z + 1));
      }
    }
  };
  each_voxel([&](std::size_t at, std::size_t framed_at) { outside[framed_at] = mask[at] == 0; });
  const auto framed_depth = distance_to_set(outside, framed);
  std::vector<float> depth(mask.size());
  each_voxel([&](std::size_t at, std::size_t framed_at) { depth[at] = framed_depth[framed_at]; });
  return depth;
}

std::size_t deepest(const std::vector<float>& depth) {
  return static_cast<std::size_t>(std::max_element(depth.begin(), depth.end()) - depth.begin());
}

/// One of them, each as likely: the same on every machine, unlike the standard library's distributions.
std::size_t any_of(const Indices& indices, std::mt19937_64& random) { return indices[random() % indices.size()]; }

/// Within a voxel of the deepest one along every axis.
bool beside(const MaskPair& pair, std::size_t a, std::size_t b) {
  const auto p = pair.in_series(a), q = pair.in_series(b);
  return std::abs(p.x - q.x) <= 1 && std::abs(p.y - q.y) <= 1 && std::abs(p.z - q.z) <= 1;
}

std::size_t first_place(const MaskPair& pair, ClickPolicy policy, bool punctate, std::mt19937_64& random) {
  const auto depth = depth_of(pair.truth, pair.grid);
  const auto middle = deepest(depth);
  if (policy == ClickPolicy::deepest) return middle;
  Indices allowed;
  for (std::size_t i = 0; i < depth.size(); ++i) {
    if (pair.truth[i] == 0) continue;
    const bool in_core = punctate ? beside(pair, i, middle) : 2 * depth[i] >= depth[middle];
    if (policy == ClickPolicy::random || in_core) allowed.push_back(i);
  }
  return any_of(allowed, random);
}

std::optional<VoxelClick> click_on_any_error(const MaskPair& pair, std::mt19937_64& random) {
  Indices wrong;
  for (std::size_t i = 0; i < pair.truth.size(); ++i) {
    if ((pair.truth[i] != 0) != (pair.found[i] != 0)) wrong.push_back(i);
  }
  if (wrong.empty()) return {};
  const auto at = any_of(wrong, random);
  return VoxelClick{pair.in_series(at), pair.truth[at] != 0 ? ClickSign::positive : ClickSign::negative};
}

}  // namespace

std::optional<VoxelClick> first_click(const LesionMask& truth, ClickPolicy policy, bool punctate,
                                      std::mt19937_64& random) {
  const auto pair = cut_pair(truth, truth);
  if (pair.truth.empty()) return {};
  return VoxelClick{pair.in_series(first_place(pair, policy, punctate, random)), ClickSign::positive};
}

std::optional<VoxelClick> next_click(const MaskPair& pair, ClickPolicy policy, std::mt19937_64& random) {
  if (policy == ClickPolicy::random) return click_on_any_error(pair, random);
  const auto missing = largest_part(without(pair.truth, pair.found), pair.grid);
  const auto extra = largest_part(without(pair.found, pair.truth), pair.grid);
  const auto& worst = missing.size() >= extra.size() ? missing : extra;
  if (worst.empty()) return {};
  Mask part(pair.truth.size(), 0);
  for (const std::size_t i : worst) part[i] = 1;
  return VoxelClick{pair.in_series(deepest(depth_of(part, pair.grid))),
                    &worst == &missing ? ClickSign::positive : ClickSign::negative};
}

std::optional<VoxelClick> first_click(const LesionMask& truth) {
  std::mt19937_64 unused;
  return first_click(truth, ClickPolicy::deepest, false, unused);
}

std::optional<VoxelClick> correcting_click(const LesionMask& truth, const LesionMask& predicted) {
  std::mt19937_64 unused;
  return next_click(cut_pair(truth, predicted), ClickPolicy::deepest, unused);
}

}  // namespace punctum
