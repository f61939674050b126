#include "inference/evaluation/plain_tissue.hpp"

#include <algorithm>
#include <optional>
#include <random>

#include "inference/evaluation/named_random.hpp"
#include "inference/evaluation/statistics.hpp"
#include "inference/measure/distance_transform.hpp"

namespace punctum {
namespace {

constexpr int clicks_a_series = 2, most_attempts = 20'000;
constexpr double clear_mm = 15;                         // between click and lesion
constexpr std::int16_t least_hu = -150, most_hu = 250;  // fat to contrast; no air, no bone
constexpr std::uint64_t stream = 1'000;                 // beyond those of the click policies

struct Surroundings {
  const Volume& volume;
  MaskGrid grid;
  std::vector<IndexBox> lesions;
};

/// Between two places on one axis, for a box that is half-open; 0 within.
double gap_mm(int at, int low, int high, double spacing_mm) {
  return std::max({low - at, at - high + 1, 0}) * spacing_mm;
}

bool is_clear(const Surroundings& around, const VoxelIndex& v) {
  const auto& grid = around.grid;
  return std::none_of(around.lesions.begin(), around.lesions.end(), [&](const IndexBox& box) {
    return gap_mm(v.x, box.low.x, box.high.x, grid.dx_mm) < clear_mm &&
           gap_mm(v.y, box.low.y, box.high.y, grid.dy_mm) < clear_mm &&
           gap_mm(v.z, box.low.z, box.high.z, grid.dz_mm) < clear_mm;
  });
}

/// Tissue on all sides: a reader does not click on a border.
bool is_plain(const Surroundings& around, const VoxelIndex& v) {
  for (int dz = -1; dz <= 1; ++dz) {
    for (int dy = -1; dy <= 1; ++dy) {
      for (int dx = -1; dx <= 1; ++dx) {
        const VoxelIndex beside{v.x + dx, v.y + dy, v.z + dz};
        if (!around.volume.geometry.contains(beside)) return false;
        const auto hu = around.volume.at(beside);
        if (hu < least_hu || hu > most_hu) return false;
      }
    }
  }
  return true;
}

std::optional<VoxelIndex> plain_place(const Surroundings& around, std::mt19937_64& random) {
  for (int attempt = 0; attempt < most_attempts; ++attempt) {
    const auto voxel = around.grid.voxel(static_cast<std::size_t>(random() % around.grid.size()));
    if (is_plain(around, voxel) && is_clear(around, voxel)) return voxel;
  }
  return {};
}

}  // namespace

std::vector<PlainClick> click_plain_tissue(Segmenter& segmenter, const std::vector<EvaluationCase>& lesions,
                                           const std::string& series, std::uint64_t seed) {
  std::vector<PlainClick> clicks;
  if (lesions.empty()) return clicks;
  const auto& volume = *lesions.front().volume;
  Surroundings around{volume, mask_grid(volume.geometry), {}};
  for (const auto& lesion : lesions) around.lesions.push_back(bounds_of(lesion.truth.voxels, around.grid));
  auto random = random_named(series, seed, stream);
  while (clicks.size() < clicks_a_series) {
    const auto voxel = plain_place(around, random);
    if (!voxel) break;
    const auto found = segmenter.segment(volume, lesions.front().volume_key, {{*voxel, ClickSign::positive}}, nullptr);
    clicks.push_back(
        {series, *voxel, static_cast<double>(found.mask.count()) * volume.geometry.voxel_volume_mm3() / 1000});
  }
  return clicks;
}

PlainTissueScore score_plain_tissue(const std::vector<PlainClick>& clicks) {
  PlainTissueScore score;
  if (clicks.empty()) return score;
  std::vector<double> ml;
  ml.reserve(clicks.size());
  for (const auto& click : clicks) ml.push_back(click.answer_ml);
  std::sort(ml.begin(), ml.end());
  score.clicks = ml.size();
  score.empty = static_cast<std::size_t>(std::count(ml.begin(), ml.end(), 0.0));
  score.median_ml = percentile(ml, 0.5);
  score.upper_quartile_ml = percentile(ml, 0.75);
  score.ninth_decile_ml = percentile(ml, 0.9);
  score.largest_ml = ml.back();
  return score;
}

}  // namespace punctum
