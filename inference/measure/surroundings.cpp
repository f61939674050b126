#include "inference/measure/surroundings.hpp"

#include <algorithm>
#include <cmath>

namespace punctum {
namespace {

constexpr double ring_from_mm = 3, ring_to_mm = 9;
constexpr std::size_t fewest_ring_voxels = 100;
constexpr double tissue_reach_hu = 60;  ///< what lies further from a tissue's peak is another tissue

/// How often each HU occurs, in bins of 10, smoothed over 30 HU to either side.
class Histogram {
 public:
  explicit Histogram(const std::vector<double>& values) : height_(bins) {
    for (const double v : values) {
      const int middle = std::clamp(static_cast<int>((v - lowest) / width), 0, bins - 1);
      for (int k = -3; k <= 3; ++k) {
        const int bin = middle + k;
        if (bin >= 0 && bin < bins) height_[static_cast<std::size_t>(bin)] += 4 - std::abs(k);
      }
    }
  }
  /// Peaks of at least that share of the highest, no two within 2 x tissue_reach_hu; highest first.
  std::vector<double> peaks(double least_share) const {
    auto left = height_;
    std::vector<double> found;
    const double least = least_share * *std::max_element(left.begin(), left.end());
    for (;;) {
      const auto top = std::max_element(left.begin(), left.end());
      if (*top < least || *top <= 0) return found;
      const auto bin = static_cast<int>(top - left.begin());
      found.push_back(lowest + (bin + 0.5) * width);
      const int reach = static_cast<int>(2 * tissue_reach_hu / width);
      for (int b = std::max(0, bin - reach); b <= std::min(bins - 1, bin + reach); ++b) {
        left[static_cast<std::size_t>(b)] = 0;
      }
    }
  }

 private:
  static constexpr double lowest = -1100, width = 10;
  static constexpr int bins = 300;
  std::vector<double> height_;
};

HostTissue tissue_at(const std::vector<double>& values, double peak_hu) {
  double n = 0, sum = 0, squares = 0;
  for (const double v : values) {
    if (std::abs(v - peak_hu) > tissue_reach_hu) continue;
    n += 1;
    sum += v;
    squares += v * v;
  }
  const double mean = sum / n;
  return {mean, std::sqrt(std::max(0.0, squares / n - mean * mean))};
}

}  // namespace

std::vector<HostTissue> host_tissues(const LesionPatch& patch) {
  constexpr double not_much_rarer = 0.5;
  std::vector<double> ring;
  for (std::size_t i = 0; i < patch.hu.size(); ++i) {
    if (patch.outside_mm[i] >= ring_from_mm && patch.outside_mm[i] <= ring_to_mm) ring.push_back(patch.hu[i]);
  }
  if (ring.size() < fewest_ring_voxels) return {};
  std::vector<HostTissue> tissues;
  for (const double peak : Histogram(ring).peaks(not_much_rarer)) tissues.push_back(tissue_at(ring, peak));
  return tissues;
}

std::vector<double> inner_hu(const LesionPatch& patch) {
  constexpr std::size_t fewest = 12;
  const double border_mm = 1 + 0.5 * std::min(patch.grid.dx_mm, patch.grid.dy_mm);
  const auto plane = static_cast<std::size_t>(patch.grid.columns) * static_cast<std::size_t>(patch.grid.rows);
  // A thick slice at the top or bottom of a lesion is half something else.
  const auto between_slices = [&](std::size_t i) {
    return i >= plane && i + plane < patch.mask.size() && patch.mask[i - plane] != 0 && patch.mask[i + plane] != 0;
  };
  std::vector<double> inmost, inner, all;
  for (std::size_t i = 0; i < patch.hu.size(); ++i) {
    if (patch.mask[i] == 0) continue;
    all.push_back(patch.hu[i]);
    if (patch.depth_mm[i] <= border_mm) continue;
    inner.push_back(patch.hu[i]);
    if (between_slices(i)) inmost.push_back(patch.hu[i]);
  }
  return inmost.size() >= fewest ? inmost : inner.size() >= fewest ? inner : all;
}

}  // namespace punctum
