#pragma once

#include <array>
#include <cstdint>

#include "dicom/findings/lesion_mask.hpp"
#include "inference/segmenter.hpp"

namespace punctum {

/// How far from the border of the truth voxels are looked at, in voxels of the crop: what lies deeper or farther is
/// easy and would hide everything else.
inline constexpr int reliability_band_voxels = 5;

/// Voxels of like stated probability, in bins of equal width: those of many lesions are the sums of each one's.
struct VoxelReliability {
  struct Bin {
    std::int64_t count = 0;
    double stated = 0;        ///< sum of probabilities
    std::int64_t lesion = 0;  ///< so many of them are

    double mean_stated() const { return count == 0 ? 0 : stated / static_cast<double>(count); }
    double share_of_lesion() const { return count == 0 ? 0 : static_cast<double>(lesion) / static_cast<double>(count); }
  };
  std::array<Bin, 15> bins{};

  VoxelReliability& operator+=(const VoxelReliability& other);
  std::int64_t count() const;
  /// Expected calibration error: how far the share of lesion is from what was stated, mean over voxels. 0 of none.
  double ece() const;
};

/// Of the voxels within the band, on the crop's grid, where half a voxel of truth makes it lesion. None if the crop
/// shows no border of the truth, or there are no probabilities.
VoxelReliability voxel_reliability(const VoxelProbabilities& stated, const LesionMask& truth);

}  // namespace punctum
