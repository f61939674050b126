#include "inference/evaluation/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "inference/evaluation/statistics.hpp"

namespace punctum {
namespace {

using Mask = std::vector<std::uint8_t>;

Mask surface_of(const Mask& mask, const MaskGrid& grid) {
  Mask surface(mask.size(), 0);
  const auto set = [&](int x, int y, int z) {
    return x >= 0 && y >= 0 && z >= 0 && x < grid.columns && y < grid.rows && z < grid.slices &&
           mask[grid.index(x, y, z)] != 0;
  };
  for (int z = 0; z < grid.slices; ++z) {
    for (int y = 0; y < grid.rows; ++y) {
      for (int x = 0; x < grid.columns; ++x) {
        if (!set(x, y, z)) continue;
        const bool inner = set(x - 1, y, z) && set(x + 1, y, z) && set(x, y - 1, z) && set(x, y + 1, z) &&
                           set(x, y, z - 1) && set(x, y, z + 1);
        surface[grid.index(x, y, z)] = !inner;
      }
    }
  }
  return surface;
}

/// From every voxel of one surface to the other.
std::vector<float> distances(const Mask& from, const Mask& to, const MaskGrid& grid) {
  const auto distance = distance_to_set(to, grid);
  std::vector<float> met;
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (from[i] != 0) met.push_back(distance[i]);
  }
  return met;
}

double percentile_95(std::vector<float> values) {
  std::sort(values.begin(), values.end());
  return percentile(values, 0.95);
}

std::size_t count_within(const std::vector<float>& values, double tolerance_mm) {
  return static_cast<std::size_t>(
      std::count_if(values.begin(), values.end(), [=](float v) { return v <= tolerance_mm; }));
}

}  // namespace

MaskScores score(const MaskPair& pair) {
  std::size_t in_truth = 0, in_found = 0, both = 0;
  for (std::size_t i = 0; i < pair.truth.size(); ++i) {
    in_truth += pair.truth[i] != 0;
    in_found += pair.found[i] != 0;
    both += pair.truth[i] != 0 && pair.found[i] != 0;
  }
  if (in_truth + in_found == 0) return {};
  if (in_truth == 0 || in_found == 0) return {0, std::numeric_limits<double>::infinity(), 0};
  const auto of_truth = surface_of(pair.truth, pair.grid), of_found = surface_of(pair.found, pair.grid);
  const auto there = distances(of_truth, of_found, pair.grid), back = distances(of_found, of_truth, pair.grid);
  const auto near = count_within(there, surface_tolerance_mm) + count_within(back, surface_tolerance_mm);
  return {2 * static_cast<double>(both) / static_cast<double>(in_truth + in_found),
          std::max(percentile_95(there), percentile_95(back)),
          static_cast<double>(near) / static_cast<double>(there.size() + back.size())};
}

std::optional<double> dice(const LesionMask& a, const LesionMask& b) { return score(cut_pair(a, b)).dice; }
std::optional<double> hd95_mm(const LesionMask& a, const LesionMask& b) { return score(cut_pair(a, b)).hd95_mm; }
std::optional<double> surface_dice(const LesionMask& a, const LesionMask& b) { return score(cut_pair(a, b)).nsd; }

}  // namespace punctum
