#include "inference/measure/lesion_patch.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "dicom/types/error.hpp"

namespace punctum {
namespace {

IndexBox grown(const IndexBox& box, const MaskGrid& grid, double margin_mm) {
  const auto low = [&](int at, double spacing) { return std::max(0, at - static_cast<int>(margin_mm / spacing)); };
  const auto high = [&](int at, double spacing, int count) {
    return std::min(count, at + static_cast<int>(margin_mm / spacing));
  };
  return {{low(box.low.x, grid.dx_mm), low(box.low.y, grid.dy_mm), low(box.low.z, grid.dz_mm)},
          {high(box.high.x, grid.dx_mm, grid.columns), high(box.high.y, grid.dy_mm, grid.rows),
           high(box.high.z, grid.dz_mm, grid.slices)}};
}

}  // namespace

LesionPatch cut_patch(const Volume& volume, const LesionMask& mask, double margin_mm) {
  const auto& g = mask.geometry;
  const MaskGrid whole{g.columns(),           g.rows(),           g.slice_count(),
                       g.column_spacing_mm(), g.row_spacing_mm(), g.slice_spacing_mm()};
  if (volume.hu.size() != mask.voxels.size() || volume.geometry.columns() != whole.columns ||
      volume.geometry.rows() != whole.rows) {
    throw GeometryError("cannot measure attributes: mask of " + std::to_string(mask.voxels.size()) +
                        " voxels, expected the grid of the volume with " + std::to_string(volume.hu.size()));
  }
  LesionPatch patch;
  const auto tight = bounds_of(mask.voxels, whole);
  if (tight.empty()) return patch;
  const auto box = grown(tight, whole, margin_mm);
  patch.grid = {
      box.high.x - box.low.x, box.high.y - box.low.y, box.high.z - box.low.z, whole.dx_mm, whole.dy_mm, whole.dz_mm};
  for (int z = box.low.z; z < box.high.z; ++z) {
    for (int y = box.low.y; y < box.high.y; ++y) {
      const auto from = static_cast<std::ptrdiff_t>(whole.index(box.low.x, y, z));
      const auto to = from + patch.grid.columns;
      patch.hu.insert(patch.hu.end(), volume.hu.begin() + from, volume.hu.begin() + to);
      patch.mask.insert(patch.mask.end(), mask.voxels.begin() + from, mask.voxels.begin() + to);
    }
  }
  std::vector<std::uint8_t> other(patch.mask.size());
  std::transform(patch.mask.begin(), patch.mask.end(), other.begin(),
                 [](auto v) { return v == 0 ? std::uint8_t{1} : std::uint8_t{0}; });
  patch.outside_mm = distance_to_set(patch.mask, patch.grid);
  patch.depth_mm = distance_to_set(other, patch.grid);
  return patch;
}

}  // namespace punctum
