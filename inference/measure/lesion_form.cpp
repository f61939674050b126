#include "inference/measure/lesion_form.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

namespace punctum {
namespace {

/// A cube lattice of values between 0 and 1: how much of each place is lesion.
struct Lattice {
  int nx = 0, ny = 0, nz = 0;
  double step_mm = 1;
  std::vector<float> share;
  std::size_t at(int x, int y, int z) const {
    return (static_cast<std::size_t>(z) * static_cast<std::size_t>(ny) + static_cast<std::size_t>(y)) *
               static_cast<std::size_t>(nx) +
           static_cast<std::size_t>(x);
  }
};

float read(const LesionPatch& patch, double x, double y, double z) {
  const auto floor_of = [](double v) { return static_cast<int>(std::floor(v)); };
  const int x0 = floor_of(x), y0 = floor_of(y), z0 = floor_of(z);
  double sum = 0;
  for (int corner = 0; corner < 8; ++corner) {
    const int cx = x0 + (corner & 1), cy = y0 + (corner >> 1 & 1), cz = z0 + (corner >> 2);
    const double weight = (1 - std::abs(x - cx)) * (1 - std::abs(y - cy)) * (1 - std::abs(z - cz));
    const bool inside =
        cx >= 0 && cy >= 0 && cz >= 0 && cx < patch.grid.columns && cy < patch.grid.rows && cz < patch.grid.slices;
    if (inside) sum += weight * patch.mask[patch.grid.index(cx, cy, cz)];
  }
  return static_cast<float>(sum);
}

void smooth_along(Lattice& lattice, int axis) {
  constexpr std::array<float, 3> weights{0.40F, 0.24F, 0.06F};  // a Gaussian of 1 step
  const auto source = lattice.share;
  const auto value = [&](int x, int y, int z) {
    return x < 0 || y < 0 || z < 0 || x >= lattice.nx || y >= lattice.ny || z >= lattice.nz
               ? 0.0F
               : source[lattice.at(x, y, z)];
  };
  for (int z = 0; z < lattice.nz; ++z) {
    for (int y = 0; y < lattice.ny; ++y) {
      for (int x = 0; x < lattice.nx; ++x) {
        float sum = weights[0] * value(x, y, z);
        for (int k = 1; k < 3; ++k) {
          const int dx = axis == 0 ? k : 0, dy = axis == 1 ? k : 0, dz = axis == 2 ? k : 0;
          sum += weights[static_cast<std::size_t>(k)] * (value(x - dx, y - dy, z - dz) + value(x + dx, y + dy, z + dz));
        }
        lattice.share[lattice.at(x, y, z)] = sum;
      }
    }
  }
}

/// The lesion's box with a frame of 4 steps.
Lattice lattice_of(const LesionPatch& patch, const IndexBox& box, double step_mm) {
  constexpr int frame = 4;
  const auto& g = patch.grid;
  const auto count = [&](int voxels, double spacing) {
    return static_cast<int>(std::ceil(voxels * spacing / step_mm)) + 2 * frame;
  };
  Lattice lattice{count(box.high.x - box.low.x, g.dx_mm),
                  count(box.high.y - box.low.y, g.dy_mm),
                  count(box.high.z - box.low.z, g.dz_mm),
                  step_mm,
                  {}};
  const auto place = [&](int i, int low, double spacing) { return low - 0.5 + (i - frame + 0.5) * step_mm / spacing; };
  for (int z = 0; z < lattice.nz; ++z) {
    for (int y = 0; y < lattice.ny; ++y) {
      for (int x = 0; x < lattice.nx; ++x) {
        lattice.share.push_back(
            read(patch, place(x, box.low.x, g.dx_mm), place(y, box.low.y, g.dy_mm), place(z, box.low.z, g.dz_mm)));
      }
    }
  }
  for (int axis = 0; axis < 3; ++axis) smooth_along(lattice, axis);
  return lattice;
}

/// The integral of the gradient's length: the mean area of the surfaces between 0 and 1 (coarea formula).
double area_of(const Lattice& lattice) {
  double sum = 0;
  for (int z = 1; z + 1 < lattice.nz; ++z) {
    for (int y = 1; y + 1 < lattice.ny; ++y) {
      for (int x = 1; x + 1 < lattice.nx; ++x) {
        const double dx = lattice.share[lattice.at(x + 1, y, z)] - lattice.share[lattice.at(x - 1, y, z)];
        const double dy = lattice.share[lattice.at(x, y + 1, z)] - lattice.share[lattice.at(x, y - 1, z)];
        const double dz = lattice.share[lattice.at(x, y, z + 1)] - lattice.share[lattice.at(x, y, z - 1)];
        sum += 0.5 * std::sqrt(dx * dx + dy * dy + dz * dz);
      }
    }
  }
  return sum * lattice.step_mm * lattice.step_mm;
}

double volume_of(const Lattice& lattice) {
  double sum = 0;
  for (const float share : lattice.share) sum += share;
  return sum * lattice.step_mm * lattice.step_mm * lattice.step_mm;
}

/// The hull as the intersection of half-spaces in many directions, spread evenly over the sphere (Fibonacci lattice).
double share_of_hull(const Lattice& lattice) {
  constexpr int directions = 150;
  struct HalfSpace {
    double x, y, z, reach = -std::numeric_limits<double>::infinity();
  };
  std::vector<HalfSpace> hull;
  for (int i = 0; i < directions; ++i) {
    const double height = 1 - (2 * i + 1.0) / directions, radius = std::sqrt(1 - height * height);
    const double angle = i * std::numbers::pi * (3 - std::sqrt(5.0));
    hull.push_back({radius * std::cos(angle), radius * std::sin(angle), height});
  }
  const auto each_voxel = [&](const auto& visit) {
    for (int z = 0; z < lattice.nz; ++z) {
      for (int y = 0; y < lattice.ny; ++y) {
        for (int x = 0; x < lattice.nx; ++x) visit(x, y, z, lattice.share[lattice.at(x, y, z)] >= 0.5F);
      }
    }
  };
  std::size_t inside = 0, in_hull = 0;
  each_voxel([&](int x, int y, int z, bool lesion) {
    if (!lesion) return;
    ++inside;
    for (auto& h : hull) h.reach = std::max(h.reach, h.x * x + h.y * y + h.z * z);
  });
  each_voxel([&](int x, int y, int z, bool) {
    in_hull += std::all_of(hull.begin(), hull.end(),
                           [&](const auto& h) { return h.x * x + h.y * y + h.z * z <= h.reach + 1e-9; });
  });
  return in_hull == 0 ? 0 : static_cast<double>(inside) / static_cast<double>(in_hull);
}

}  // namespace

LesionForm measure_form(const LesionPatch& patch) {
  LesionForm form;
  const auto box = bounds_of(patch.mask, patch.grid);
  if (box.empty()) return form;
  const auto& g = patch.grid;
  form.extent_mm = std::max(
      {(box.high.x - box.low.x) * g.dx_mm, (box.high.y - box.low.y) * g.dy_mm, (box.high.z - box.low.z) * g.dz_mm});
  form.thickness_mm = 2 * *std::max_element(patch.depth_mm.begin(), patch.depth_mm.end());
  const double step_mm = std::clamp(form.extent_mm / 40, 0.5, 2.5);
  const auto lattice = lattice_of(patch, box, step_mm);
  const double area = area_of(lattice), volume = volume_of(lattice);
  if (area > 0) form.sphericity = std::cbrt(std::numbers::pi) * std::pow(6 * volume, 2.0 / 3) / area;
  form.solidity = share_of_hull(lattice);
  return form;
}

}  // namespace punctum
