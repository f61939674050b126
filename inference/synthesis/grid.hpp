#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "inference/measure/distance_transform.hpp"
#include "inference/phantom/space.hpp"
#include "inference/preprocess/voxel_reader.hpp"

namespace punctum::synthesis {

using phantom::Box;
using phantom::Vec3;

/// Values on a lattice of cubes along the patient's axes (LPS).
template <class Value>
struct Grid {
  Vec3 first;          ///< centre of cell (0, 0, 0), mm
  double step_mm = 1;  ///< side of a cell
  int nx = 0, ny = 0, nz = 0;
  std::vector<Value> values{};

  static Grid over(const Box& box, double step_mm) {
    const auto cells = [&](double low, double high) { return 1 + static_cast<int>((high - low) / step_mm); };
    Grid grid{box.low, step_mm, cells(box.low.x, box.high.x), cells(box.low.y, box.high.y),
              cells(box.low.z, box.high.z)};
    grid.values.resize(grid.size());
    return grid;
  }
  template <class Other>
  Grid<Other> like(std::vector<Other> others) const {
    return {first, step_mm, nx, ny, nz, std::move(others)};
  }
  std::size_t size() const {
    return static_cast<std::size_t>(nx) * static_cast<std::size_t>(ny) * static_cast<std::size_t>(nz);
  }
  std::size_t index(int x, int y, int z) const {
    return (static_cast<std::size_t>(z) * static_cast<std::size_t>(ny) + static_cast<std::size_t>(y)) *
               static_cast<std::size_t>(nx) +
           static_cast<std::size_t>(x);
  }
  Vec3 place(int x, int y, int z) const { return first + Vec3{x * step_mm, y * step_mm, z * step_mm}; }
  Vec3 place(std::size_t i) const {
    const auto columns = static_cast<std::size_t>(nx), rows = static_cast<std::size_t>(ny);
    return place(static_cast<int>(i % columns), static_cast<int>(i / columns % rows),
                 static_cast<int>(i / columns / rows));
  }
  Vec3 last() const { return place(nx - 1, ny - 1, nz - 1); }
  /// Beyond the grid: the value of its nearest place.
  float at(const Vec3& p) const {
    const Vec3 d = (p - first) * (1 / step_mm);
    return VoxelReader<Value>{values.data(), nx, ny, nz}.clamped(d.x, d.y, d.z);
  }
  MaskGrid mask_grid() const { return {nx, ny, nz, step_mm, step_mm, step_mm}; }
};

/// Fills a grid from a series: read gets the place of each cell in voxels of the series. The way from the grid to the
/// series is affine, so each line of cells is a place and a step.
template <class Read>
void read_from_series(Grid<float>& grid, const SeriesGeometry& series, const Read& read) {
  const auto index_of = [&series](const Vec3& p) { return series.to_index({p.x, p.y, p.z}); };
  const auto origin = index_of(grid.first), next = index_of(grid.first + Vec3{grid.step_mm, 0, 0});
  const double dx = next.x - origin.x, dy = next.y - origin.y, dz = next.z - origin.z;
  std::size_t i = 0;
  for (int z = 0; z < grid.nz; ++z) {
    for (int y = 0; y < grid.ny; ++y) {
      const auto line = index_of(grid.place(0, y, z));
      for (int x = 0; x < grid.nx; ++x, ++i) {
        grid.values[i] = read(line.x + x * dx, line.y + x * dy, line.z + x * dz);
      }
    }
  }
}

/// Averages with the neighbours along each axis in turn, weights 1 2 1: once blurs by 0.7 cells.
void smooth(std::vector<float>& values, int nx, int ny, int nz);
void smooth(Grid<float>& grid);

/// mm from every cell to the border between set and unset ones: negative inside, smooth.
Grid<float> signed_distance(const Grid<std::uint8_t>& set);

}  // namespace punctum::synthesis
