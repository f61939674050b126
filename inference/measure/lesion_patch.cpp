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
  const MaskGrid whole = mask_grid(mask.geometry);
  if (volume.hu.size() != mask.voxels.size() || volume.geometry.columns() != whole.columns ||
      volume.geometry.rows() != whole.rows) {
    throw GeometryError("cannot measure attributes: mask of " + std::to_string(mask.voxels.size()) +
                        " voxels, expected the grid of the volume with " + std::to_string(volume.hu.size()));
  }
  LesionPatch patch;
  const auto tight = bounds_of(mask.voxels, whole);
  if (tight.empty()) return patch;
  const auto box = grown(tight, whole, margin_mm);
  patch.grid = whole.within(box);
  patch.hu = cut_out(volume.hu, whole, box);
  patch.mask = cut_out(mask.voxels, whole, box);
  patch.outside_mm = distance_to_set(patch.mask, patch.grid);
  patch.depth_mm = distance_to_rest(patch.mask, patch.grid);
  return patch;
}

}  // namespace punctum
