#include "inference/synthesis/surroundings.hpp"

#include <cmath>
#include <limits>

#include "inference/synthesis/grid_shape.hpp"

namespace punctum::synthesis {
namespace {

constexpr double margin_mm = 10.5;  // about a lesion: rings and distances are measured that far out
constexpr double touching_mm = 1;
constexpr double marrow_hu = 110;  // inside of bones; less than this is something else

Grid<float> calm_patch(const Background& background, const Box& box) {
  const Vec3 side = box.high - box.low;
  const double step = std::clamp(std::max({side.x, side.y, side.z}) / 44, 1.5, 3.0);
  auto patch = Grid<float>::over(box, step);
  const auto& g = background.volume().geometry;
  const VoxelReader<std::int16_t> reader{background.volume().hu.data(), g.columns(), g.rows(), g.slice_count()};
  read_from_series(patch, g, [&reader](double x, double y, double z) { return reader.clamped(x, y, z); });
  smooth(patch);
  if (background.noise().hu > 18) smooth(patch);
  return patch;
}

}  // namespace

double tolerance_hu(TissueClass host, const NoiseLook& noise) {
  switch (host) {
    case TissueClass::lung:
      return 190;
    case TissueClass::fat:
      return 45;
    default:
      return std::clamp(1.3 * noise.hu, 28.0, 45.0);
  }
}

Surroundings::Surroundings(const Background& background, const Vec3& centre, const Box& box)
    : calm_(calm_patch(background, box.grown(margin_mm))),
      host_(class_of(background.calm_hu(centre))),
      host_hu_(background.calm_hu(centre)) {
  const double tolerance = tolerance_hu(host_, background.noise());
  std::vector<float> other(calm_.size());
  for (std::size_t i = 0; i < other.size(); ++i) {
    const double hu = calm_.values[i];
    const bool same = host_ == TissueClass::bone ? hu > marrow_hu : std::abs(hu - host_hu_) < tolerance;
    other[i] = same ? 0.0F : 1.0F;
  }
  smooth(other, calm_.nx, calm_.ny, calm_.nz);  // a cell that stands alone is noise
  std::vector<std::uint8_t> set(other.size());
  for (std::size_t i = 0; i < set.size(); ++i) set[i] = other[i] > 0.4F;
  to_other_ = signed_distance(calm_.like(std::move(set)));
}

Contact Surroundings::contact(const phantom::Survey& placed) const {
  Contact found{1e3, 0, 0};
  for (const auto& p : placed.surface) {
    const double mm = to_other_.at(p);
    found.nearest_mm = std::min(found.nearest_mm, mm);
    found.share += mm < touching_mm;
  }
  for (const auto& inner : placed.inside) found.within += to_other_.at(inner.place) < 0;
  found.share /= static_cast<double>(std::max<std::size_t>(1, placed.surface.size()));
  found.within /= static_cast<double>(std::max<std::size_t>(1, placed.inside.size()));
  return found;
}

phantom::ShapePtr Surroundings::host_solid() const {
  auto within = to_other_;
  for (auto& mm : within.values) mm = -mm;
  return std::make_shared<GridShape>(std::move(within));
}

double Surroundings::mean_hu(const phantom::Survey& placed) const {
  double sum = 0;
  for (const auto& inner : placed.inside) sum += calm_.at(inner.place);
  return sum / static_cast<double>(std::max<std::size_t>(1, placed.inside.size()));
}

double Surroundings::ring_hu(const phantom::Shape& lesion) const {
  double sum = 0, count = 0;
  for (std::size_t i = 0; i < calm_.size(); ++i) {
    if (to_other_.values[i] < 1) continue;
    const double mm = lesion.distance(calm_.place(i));
    if (mm < 3 || mm > 9) continue;
    sum += calm_.values[i];
    count += 1;
  }
  return count < 20 ? std::numeric_limits<double>::quiet_NaN() : sum / count;
}

}  // namespace punctum::synthesis
