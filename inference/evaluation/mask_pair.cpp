#include "inference/evaluation/mask_pair.hpp"

#include <algorithm>
#include <cstring>
#include <string>

#include "dicom/types/error.hpp"

namespace punctum {
namespace {

void require_same_size(const LesionMask& a, const LesionMask& b) {
  if (a.voxels.size() == b.voxels.size() && a.geometry.columns() == b.geometry.columns() &&
      a.geometry.rows() == b.geometry.rows()) {
    return;
  }
  throw GeometryError("cannot compare masks: one has " + std::to_string(a.voxels.size()) + " voxels, the other " +
                      std::to_string(b.voxels.size()) + " or other sides");
}

/// Grows the box by what is set in one row; memchr walks through empty rows many times faster than a loop.
void grow(IndexBox& box, const std::uint8_t* row, int columns, int y, int z) {
  const auto* first = static_cast<const std::uint8_t*>(std::memchr(row, 1, static_cast<std::size_t>(columns)));
  if (first == nullptr) return;
  const auto* last = static_cast<const std::uint8_t*>(memrchr(row, 1, static_cast<std::size_t>(columns)));
  box.low = {std::min(box.low.x, static_cast<int>(first - row)), std::min(box.low.y, y), std::min(box.low.z, z)};
  box.high = {std::max(box.high.x, static_cast<int>(last - row) + 1), std::max(box.high.y, y + 1),
              std::max(box.high.z, z + 1)};
}

IndexBox box_of_both(const LesionMask& a, const LesionMask& b, const MaskGrid& grid) {
  IndexBox box{{grid.columns, grid.rows, grid.slices}, {0, 0, 0}};
  for (int z = 0; z < grid.slices; ++z) {
    for (int y = 0; y < grid.rows; ++y) {
      grow(box, a.voxels.data() + grid.index(0, y, z), grid.columns, y, z);
      grow(box, b.voxels.data() + grid.index(0, y, z), grid.columns, y, z);
    }
  }
  return box.empty() ? IndexBox{} : box;
}

}  // namespace

VoxelIndex MaskPair::in_series(std::size_t index) const {
  const auto at = grid.voxel(index);
  return {origin.x + at.x, origin.y + at.y, origin.z + at.z};
}

MaskPair cut_pair(const LesionMask& truth, const LesionMask& found) {
  require_same_size(truth, found);
  const MaskGrid whole = mask_grid(truth.geometry);
  const IndexBox box = box_of_both(truth, found, whole);
  return {whole.within(box), box.low, cut_out(truth.voxels, whole, box), cut_out(found.voxels, whole, box)};
}

}  // namespace punctum
