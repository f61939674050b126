#include "inference/synthesis/shape_library.hpp"

#include <cmath>
#include <optional>

#include "inference/phantom/exact_math.hpp"
#include "inference/synthesis/grid_shape.hpp"

namespace punctum::synthesis {
namespace {

constexpr int most_cells = 34;  // of a form's longest side
constexpr int margin_cells = 3;
constexpr std::size_t least_voxels = 30;

/// The mask's own voxels within its bounding box, with a margin. Large ones are thinned in the plane: nothing finer
/// than a form's cells is kept anyway.
struct CutOut {
  MaskGrid grid;
  std::vector<std::uint8_t> voxels;
};

CutOut cut_out(const ShapeMask& mask, const IndexBox& box) {
  const int across = std::max(box.high.x - box.low.x, box.high.y - box.low.y), stride = 1 + across / 80;
  CutOut out;
  const auto cells = [](int low, int high, int every) { return (high - low + every - 1) / every; };
  out.grid = {cells(box.low.x, box.high.x, stride),
              cells(box.low.y, box.high.y, stride),
              box.high.z - box.low.z,
              mask.grid.dx_mm * stride,
              mask.grid.dy_mm * stride,
              mask.grid.dz_mm};
  for (int z = box.low.z; z < box.high.z; ++z) {
    for (int y = box.low.y; y < box.high.y; y += stride) {
      for (int x = box.low.x; x < box.high.x; x += stride) out.voxels.push_back(mask.voxels[mask.grid.index(x, y, z)]);
    }
  }
  return out;
}

/// Cubes instead of the voxels of the scan: distances are interpolated between thick slices, not the mask itself.
std::optional<Grid<std::uint8_t>> in_cubes(const ShapeMask& mask, double& extent_mm) {
  const IndexBox tight = bounds_of(mask.voxels, mask.grid);
  if (tight.empty()) return {};
  const auto& g = mask.grid;
  extent_mm = std::max({(tight.high.x - tight.low.x) * g.dx_mm, (tight.high.y - tight.low.y) * g.dy_mm,
                        (tight.high.z - tight.low.z) * g.dz_mm});
  const CutOut cut = cut_out(mask, bounds_of(mask.voxels, mask.grid, 3));
  const auto outside = distance_to_set(cut.voxels, cut.grid), inside = distance_to_rest(cut.voxels, cut.grid);
  std::vector<float> distance(outside.size());
  for (std::size_t i = 0; i < distance.size(); ++i) distance[i] = outside[i] - inside[i];

  const double step = std::max(extent_mm / most_cells, 0.5 * std::min(g.dx_mm, g.dy_mm));
  const Vec3 half{0.5 * (cut.grid.columns - 1) * cut.grid.dx_mm, 0.5 * (cut.grid.rows - 1) * cut.grid.dy_mm,
                  0.5 * (cut.grid.slices - 1) * cut.grid.dz_mm};
  const double reach = 0.5 * extent_mm + margin_cells * step;
  const Box box{{-std::min(half.x + step, reach), -std::min(half.y + step, reach), -std::min(half.z + step, reach)},
                {std::min(half.x + step, reach), std::min(half.y + step, reach), std::min(half.z + step, reach)}};
  auto cubes = Grid<std::uint8_t>::over(box, step);
  const VoxelReader<float> reader{distance.data(), cut.grid.columns, cut.grid.rows, cut.grid.slices};
  for (std::size_t i = 0; i < cubes.size(); ++i) {
    const Vec3 p = cubes.place(i) + half;
    cubes.values[i] = reader.clamped(p.x / cut.grid.dx_mm, p.y / cut.grid.dy_mm, p.z / cut.grid.dz_mm) < 0;
  }
  return cubes;
}

phantom::Frame any_frame(phantom::Random& random) {
  // Three independent normal values point in every direction alike.
  phantom::Frame frame = phantom::frame_along({random.normal(), random.normal(), random.normal()});
  const double angle = random.uniform(0, 2 * std::numbers::pi);
  const double c = phantom::exact::cos(angle), s = phantom::exact::sin(angle);
  const Vec3 u = frame.u * c + frame.v * s;
  frame.v = frame.v * c - frame.u * s;
  frame.u = random.chance(0.5) ? u : u * -1;  // mirrored forms are forms, too
  return frame;
}

}  // namespace

ShapeLibrary::ShapeLibrary(const std::vector<ShapeMask>& masks) {
  for (const auto& mask : masks) {
    std::size_t count = 0;
    for (const auto v : mask.voxels) count += v != 0;
    if (count < least_voxels) continue;
    double extent = 0;
    auto cubes = in_cubes(mask, extent);
    if (cubes) forms_.push_back({std::move(*cubes), extent, mask.shape, mask.surface});
  }
}

ShapeLibrary::Drawn ShapeLibrary::draw(double diameter_mm, phantom::Random& random) const {
  const Form& form = forms_[static_cast<std::size_t>(random.below(static_cast<int>(forms_.size())))];
  const double scale = std::min(2.5, diameter_mm / form.extent_mm);
  const auto frame = any_frame(random);
  const auto solid = std::make_shared<GridShape>(signed_distance(form.mask));
  return {std::make_shared<Turned>(solid, frame, scale), form.shape, form.surface};
}

}  // namespace punctum::synthesis
