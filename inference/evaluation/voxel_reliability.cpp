#include "inference/evaluation/voxel_reliability.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "inference/evaluation/crop_truth.hpp"
#include "inference/preprocess/face_neighbours.hpp"

namespace punctum {
namespace {

/// Voxels from which at most so many steps over faces lead across the border.
std::vector<std::size_t> near_border(const std::vector<std::uint8_t>& lesion, std::size_t side, int steps) {
  std::vector<std::uint8_t> seen(lesion.size(), 0);
  std::vector<std::size_t> band;
  for (std::size_t i = 0; i < lesion.size(); ++i) {
    bool on_border = false;
    for_face_neighbours(i, {side, side, side}, [&](std::size_t other) { on_border |= lesion[other] != lesion[i]; });
    if (on_border) seen[i] = 1, band.push_back(i);
  }
  std::size_t first = 0;
  for (int step = 1; step < steps; ++step) {
    const auto last = band.size();
    for (; first < last; ++first) {
      for_face_neighbours(band[first], {side, side, side}, [&](std::size_t other) {
        if (seen[other] == 0) seen[other] = 1, band.push_back(other);
      });
    }
  }
  return band;
}

}  // namespace

VoxelReliability& VoxelReliability::operator+=(const VoxelReliability& other) {
  for (std::size_t i = 0; i < bins.size(); ++i) {
    bins[i].count += other.bins[i].count;
    bins[i].stated += other.bins[i].stated;
    bins[i].lesion += other.bins[i].lesion;
  }
  return *this;
}

std::int64_t VoxelReliability::count() const {
  std::int64_t sum = 0;
  for (const auto& bin : bins) sum += bin.count;
  return sum;
}

double VoxelReliability::ece() const {
  double sum = 0;
  for (const auto& bin : bins) sum += std::abs(bin.stated - static_cast<double>(bin.lesion));
  const auto voxels = count();
  return voxels == 0 ? 0 : sum / static_cast<double>(voxels);
}

VoxelReliability voxel_reliability(const VoxelProbabilities& stated, const LesionMask& truth) {
  VoxelReliability reliability;
  if (stated.values.empty()) return reliability;
  const auto lesion = lesion_on(stated.crop, truth);
  auto& bins = reliability.bins;
  for (const auto i : near_border(lesion, static_cast<std::size_t>(stated.crop.size), reliability_band_voxels)) {
    const double p = stated.values[i];
    auto& bin = bins[std::min(bins.size() - 1, static_cast<std::size_t>(p * static_cast<double>(bins.size())))];
    ++bin.count;
    bin.stated += p;
    bin.lesion += lesion[i];
  }
  return reliability;
}

}  // namespace punctum
