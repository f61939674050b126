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
constexpr int sectors = 12;
constexpr int fewest_in_bin = 4;
constexpr double upright_share = 0.6;  ///< slices with at least so much of the largest area

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

/// One slice of the patch: distances in the slice only, since a step seen across an inclined border looks wide.
class Slice {
 public:
  Slice(const LesionPatch& patch, int z) : patch_(patch), z_(z), grid_(patch.grid) {
    grid_.slices = 1;
    const auto from = patch.mask.begin() + static_cast<std::ptrdiff_t>(patch.grid.index(0, 0, z));
    std::vector<std::uint8_t> mask(from, from + static_cast<std::ptrdiff_t>(grid_.size())), other(mask.size());
    std::transform(mask.begin(), mask.end(), other.begin(),
                   [](auto v) { return v == 0 ? std::uint8_t{1} : std::uint8_t{0}; });
    for (int y = 0; y < grid_.rows; ++y) {
      for (int x = 0; x < grid_.columns; ++x) {
        if (mask[grid_.index(x, y, 0)] == 0) continue;
        ++area_;
        x_ += x, y_ += y;
      }
    }
    outside_ = distance_to_set(mask, grid_);
    depth_ = distance_to_set(other, grid_);
  }
  int area() const { return area_; }

  void add_to(std::array<Profile, sectors>& profiles) const {
    const double half_voxel = 0.25 * (grid_.dx_mm + grid_.dy_mm);
    const double cx = x_ / area_, cy = y_ / area_;
    for (int y = 0; y < grid_.rows; ++y) {
      for (int x = 0; x < grid_.columns; ++x) {
        const auto i = grid_.index(x, y, 0);
        const double d = outside_[i] > 0 ? outside_[i] - half_voxel : half_voxel - depth_[i];
        if (std::abs(d) > reach_mm) continue;
        const double turn = std::atan2((y - cy) * grid_.dy_mm, (x - cx) * grid_.dx_mm) / (2 * std::numbers::pi) + 0.5;
        const auto sector = std::min<std::size_t>(sectors - 1, static_cast<std::size_t>(turn * sectors));
        profiles[sector].add(d, patch_.hu[patch_.grid.index(x, y, z_)]);
      }
    }
  }

 private:
  const LesionPatch& patch_;
  int z_;
  MaskGrid grid_;
  std::vector<float> outside_, depth_;
  int area_ = 0;
  double x_ = 0, y_ = 0;
};

}  // namespace

std::optional<double> edge_width_mm(const LesionPatch& patch, double noise_hu) {
  std::vector<Slice> slices;
  int largest = 0;
  for (int z = 0; z < patch.grid.slices; ++z) {
    slices.emplace_back(patch, z);
    largest = std::max(largest, slices.back().area());
  }
  std::array<Profile, sectors> profiles;
  for (const auto& slice : slices) {
    if (slice.area() > 0 && slice.area() >= upright_share * largest) slice.add_to(profiles);
  }
  const double clear_step_hu = std::max(20.0, 1.5 * noise_hu);
  std::vector<double> widths;
  for (const auto& profile : profiles) {
    const auto step = fit(profile);
    if (!step || std::abs(step->height_hu) < clear_step_hu) continue;
    if (step->error_hu > 0.15 * std::abs(step->height_hu)) continue;  // something else lies next to the lesion there
    widths.push_back(step->width_mm);
  }
  if (widths.size() < sectors / 4) return std::nullopt;
  std::nth_element(widths.begin(), widths.begin() + static_cast<std::ptrdiff_t>(widths.size() / 2), widths.end());
  return widths[widths.size() / 2];
}

}  // namespace punctum
