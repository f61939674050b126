#pragma once

#include <cstdint>
#include <vector>

#include "inference/phantom/scene.hpp"

namespace punctum::phantom {

/// Part of the pixel grid of a series: whole indices of the series, x across, y down, z up; may reach beyond it.
struct Block {
  int x = 0, y = 0, z = 0;  ///< first index
  int columns = 0, rows = 0, slices = 0;
  std::size_t size() const {
    return static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows) * static_cast<std::size_t>(slices);
  }
};

/// Centre of a voxel of the series in the scene.
Vec3 voxel_centre(const Acquisition& acquisition, double x, double y, double z);

/// Scans a part of the scene: partial volume, blur of the edges, correlated noise. The same voxel has the same value in
/// every block. @return HU, x fastest
std::vector<float> acquire(const Scene& scene, const Block& block);

}  // namespace punctum::phantom
