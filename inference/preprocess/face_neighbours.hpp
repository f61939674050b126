#pragma once

#include <array>
#include <cstddef>

namespace punctum {

/// Calls `visit` with each voxel that shares a face with the one at this index. Indices count columns fastest, then
/// rows, then slices. @param counts columns, rows, slices.
template <class Visit>
void for_face_neighbours(std::size_t at, const std::array<std::size_t, 3>& counts, Visit visit) {
  const auto& [columns, rows, slices] = counts;
  const std::size_t plane = columns * rows;
  const auto x = at % columns, y = at / columns % rows, z = at / plane;
  if (x > 0) visit(at - 1);
  if (x + 1 < columns) visit(at + 1);
  if (y > 0) visit(at - columns);
  if (y + 1 < rows) visit(at + columns);
  if (z > 0) visit(at - plane);
  if (z + 1 < slices) visit(at + plane);
}

}  // namespace punctum
