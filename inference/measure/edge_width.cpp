#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "inference/measure/surroundings.hpp"

namespace punctum {
namespace {

constexpr double reach_mm = 8;  ///< of a profile to either side of the border
constexpr double bin_mm = 0.5;
constexpr int bins = static_cast<int>(2 * reach_mm / bin_mm);
constexpr int sectors = 8;
constexpr std::size_t fewest_sectors = 2;
constexpr int fewest_in_bin = 4;
constexpr double most_inclined_mm = 1.2;  ///< how far an upright border may wander from one slice to the next

/// HU along the way out of a lesion, averaged over a sector of its border.
struct Profile {
  std::array<double, bins> sum{};
  std::array<int, bins> count{};
  void add(double distance_mm, double hu) {
    const int bin = static_cast<int>(std::floor((distance_mm + reach_mm) / bin_mm));
    if (bin < 0 || bin >= bins) return;
    sum[static_cast<std::size_t>(bin)] += hu;
    ++count[static_cast<std::size_t>(bin)];
  }
};

struct Step {
  double width_mm = 0, height_hu = 0, error_hu = 0;
};

/// The logistic step a + b / (1 + exp(-d / w)), shifted a little, that fits best: a and b by least squares for every w.
std::optional<Step> fit(const Profile& profile) {
  std::vector<double> place, value;
  int inner = 0, outer = 0;
  for (int i = 0; i < bins; ++i) {
    const auto k = static_cast<std::size_t>(i);
    if (profile.count[k] < fewest_in_bin) continue;
    place.push_back((i + 0.5) * bin_mm - reach_mm);
    value.push_back(profile.sum[k] / profile.count[k]);
    (place.back() < 0 ? inner : outer) += 1;
  }
  if (inner < 4 || outer < 8) return std::nullopt;
  const auto n = static_cast<double>(place.size());
  Step best;
  double least = 1e300;
  for (double w = 0.15; w < 4; w *= 1.15) {
    for (double shift = -1.5; shift <= 1.5; shift += 0.25) {
      double s = 0, ss = 0, v = 0, sv = 0;
      for (std::size_t i = 0; i < place.size(); ++i) {
        const double step = 1 / (1 + std::exp(-(place[i] - shift) / w));
        s += step, ss += step * step, v += value[i], sv += step * value[i];
      }
      const double det = n * ss - s * s;
      if (det < 1e-9) continue;
      const double b = (n * sv - s * v) / det, a = (v - b * s) / n;
      double error = 0;
      for (std::size_t i = 0; i < place.size(); ++i) {
        const double e = a + b / (1 + std::exp(-(place[i] - shift) / w)) - value[i];
        error += e * e;
      }
      if (error >= least) continue;
      least = error;
      constexpr double ten_to_ninety = 4.394;  // 2 ln 9
      best = {ten_to_ninety * w, b, std::sqrt(error / n)};
    }
  }
  return best;
}

/// Signed distance to the border within one slice, mm, negative inside; infinite where the slice has no lesion. In the
/// slice only, since a step seen across an inclined border looks wide.
std::vector<float> in_plane_distance(const LesionPatch& patch, int z) {
  MaskGrid plane = patch.grid;
  plane.slices = 1;
  const auto from = patch.mask.begin() + static_cast<std::ptrdiff_t>(patch.grid.index(0, 0, z));
  const std::vector<std::uint8_t> mask(from, from + static_cast<std::ptrdiff_t>(plane.size()));
  auto distance = distance_to_set(mask, plane);
  const auto depth = distance_to_rest(mask, plane);
  const auto half_voxel = static_cast<float>(0.25 * (plane.dx_mm + plane.dy_mm));
  for (std::size_t i = 0; i < distance.size(); ++i) {
    distance[i] = distance[i] > 0 ? distance[i] - half_voxel : half_voxel - depth[i];
  }
  return distance;
}

struct Centre {
  double x = 0, y = 0;
};

Centre centre_of(const std::vector<float>& distance, int columns) {
  double n = 0, x = 0, y = 0;
  for (std::size_t i = 0; i < distance.size(); ++i) {
    if (distance[i] >= 0) continue;
    n += 1;
    x += static_cast<double>(i % static_cast<std::size_t>(columns));
    y += static_cast<double>(i / static_cast<std::size_t>(columns));
  }
  return {x / n, y / n};
}

/// Adds the voxels of a slice near an upright border. @param below, above the distances in the neighbouring slices.
void add_slice(const LesionPatch& patch, int z, const std::vector<float>& below, const std::vector<float>& here,
               const std::vector<float>& above, std::array<Profile, sectors>& profiles) {
  const auto& g = patch.grid;
  const auto centre = centre_of(here, g.columns);
  for (int y = 0; y < g.rows; ++y) {
    for (int x = 0; x < g.columns; ++x) {
      const auto i = g.index(x, y, 0);
      if (std::abs(here[i]) > reach_mm || !(0.5 * std::abs(above[i] - below[i]) <= most_inclined_mm)) continue;
      const double turn = std::atan2((y - centre.y) * g.dy_mm, (x - centre.x) * g.dx_mm) / (2 * std::numbers::pi) + 0.5;
      const auto sector = std::min<std::size_t>(sectors - 1, static_cast<std::size_t>(turn * sectors));
      profiles[sector].add(here[i], patch.hu[g.index(x, y, z)]);
    }
  }
}

}  // namespace

std::optional<double> edge_width_mm(const LesionPatch& patch, double noise_hu) {
  std::vector<std::vector<float>> distances;
  for (int z = 0; z < patch.grid.slices; ++z) distances.push_back(in_plane_distance(patch, z));
  std::array<Profile, sectors> profiles;
  for (std::size_t z = 1; z + 1 < distances.size(); ++z) {
    add_slice(patch, static_cast<int>(z), distances[z - 1], distances[z], distances[z + 1], profiles);
  }
  const double clear_step_hu = std::max(20.0, noise_hu);
  std::vector<double> widths;
  for (const auto& profile : profiles) {
    const auto step = fit(profile);
    if (!step || std::abs(step->height_hu) < clear_step_hu) continue;
    // A worse fit says that something else lies next to the lesion there.
    if (step->error_hu > std::hypot(0.12 * step->height_hu, 0.3 * noise_hu)) continue;
    widths.push_back(step->width_mm);
  }
  if (widths.size() < fewest_sectors) return std::nullopt;
  std::nth_element(widths.begin(), widths.begin() + static_cast<std::ptrdiff_t>(widths.size() / 2), widths.end());
  const double seen = widths[widths.size() / 2];
  // What a perfectly sharp border would show: the blur of a usual kernel (0.7 mm) and a mask of whole voxels.
  const double added = std::hypot(1.8, 0.45 * (patch.grid.dx_mm + patch.grid.dy_mm));
  return std::sqrt(std::max(0.0, seen * seen - added * added));
}

}  // namespace punctum
