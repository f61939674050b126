#include "inference/phantom/phantom.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "dicom/types/sop_classes.hpp"
#include "inference/measure/distance_transform.hpp"
#include "inference/phantom/acquire.hpp"
#include "inference/phantom/random.hpp"
#include "inference/phantom/scene.hpp"

namespace punctum {
namespace {

using phantom::acquire;
using phantom::Acquisition;
using phantom::Block;
using phantom::Random;
using phantom::Scene;
using phantom::SceneLesion;
using phantom::SceneRequest;
using phantom::Vec3;
using phantom::voxel_centre;

constexpr double padding_hu = -1000;  // outside the series, as the node pads it

/// One scene per seed, whether it is cut to a crop or written as a series.
Scene scene_of(std::uint64_t seed, double spacing_mm, phantom::LesionType type) {
  SceneRequest request;
  request.type = type;
  request.seed = seed;
  request.lesions = 1 + static_cast<int>(phantom::mix(seed ^ 0x6c6573696f6eULL) % 3);
  request.sizes = phantom::lesion_sizes_for(spacing_mm);
  if (spacing_mm > 2) request.lesions = 1;
  return make_scene(request);
}

std::int16_t to_hu(double value) {
  return static_cast<std::int16_t>(std::floor(std::clamp(value, -1024.0, 3071.0) + 0.5));
}

/// The crop's voxels as trilinear samples of the scanned series, like the node's own resampling.
class Crop {
 public:
  Crop(const Scene& scene, const Vec3& centre, int size, double spacing)
      : acquisition_(scene.acquisition), centre_(centre), size_(size), spacing_(spacing) {
    const auto low = to_series(place(0, 0, 0)), high = to_series(place(size - 1, size - 1, size - 1));
    block_ = {floor_of(low.x), floor_of(low.y), std::max(0, floor_of(low.z)), 0, 0, 0};
    block_.columns = floor_of(high.x) + 2 - block_.x;
    block_.rows = floor_of(high.y) + 2 - block_.y;
    block_.slices = std::max(1, std::min(acquisition_.slices, floor_of(high.z) + 2) - block_.z);
    scanned_ = acquire(scene, block_);
  }

  Vec3 place(int x, int y, int z) const {
    const double half = 0.5 * (size_ - 1);
    return centre_ + Vec3{(x - half) * spacing_, (y - half) * spacing_, (z - half) * spacing_};
  }
  bool in_series(const Vec3& p) const {
    const double z = to_series(p).z;
    return z >= -0.5 && z <= acquisition_.slices - 0.5;
  }
  double sample(const Vec3& p) const {
    if (!in_series(p)) return padding_hu;
    const Vec3 at = to_series(p);
    const double x = at.x - block_.x, y = at.y - block_.y;
    const double z = std::clamp(at.z - block_.z, 0.0, static_cast<double>(block_.slices - 1));
    const int x0 = floor_of(x), y0 = floor_of(y), z0 = std::min(floor_of(z), std::max(0, block_.slices - 2));
    const double fx = x - x0, fy = y - y0, fz = z - z0;
    const auto plane = [&](int zi) {
      const double front = (1 - fx) * at_voxel(x0, y0, zi) + fx * at_voxel(x0 + 1, y0, zi);
      const double back = (1 - fx) * at_voxel(x0, y0 + 1, zi) + fx * at_voxel(x0 + 1, y0 + 1, zi);
      return (1 - fy) * front + fy * back;
    };
    return fz == 0 ? plane(z0) : (1 - fz) * plane(z0) + fz * plane(z0 + 1);
  }

 private:
  static int floor_of(double v) { return static_cast<int>(std::floor(v)); }
  Vec3 to_series(const Vec3& p) const {
    const Vec3 first = voxel_centre(acquisition_, 0, 0, 0);
    return {(p.x - first.x) / acquisition_.pixel_mm, (p.y - first.y) / acquisition_.pixel_mm,
            (p.z - first.z) / acquisition_.slice_mm};
  }
  double at_voxel(int x, int y, int z) const {
    const auto i = (static_cast<std::size_t>(z) * static_cast<std::size_t>(block_.rows) + static_cast<std::size_t>(y)) *
                       static_cast<std::size_t>(block_.columns) +
                   static_cast<std::size_t>(x);
    return scanned_[i];
  }

  Acquisition acquisition_;
  Vec3 centre_;
  int size_;
  double spacing_;
  Block block_;
  std::vector<float> scanned_;
};

PhantomSample cut(const Scene& scene, const Vec3& centre, int size, double spacing_mm, const SceneLesion* lesion) {
  const Crop crop(scene, centre, size, spacing_mm);
  PhantomSample sample;
  sample.size = size;
  sample.spacing_mm = spacing_mm;
  const auto count = static_cast<std::size_t>(size) * static_cast<std::size_t>(size) * static_cast<std::size_t>(size);
  sample.hu.reserve(count);
  sample.truth.reserve(count);
  for (int z = 0; z < size; ++z) {
    for (int y = 0; y < size; ++y) {
      for (int x = 0; x < size; ++x) {
        const Vec3 p = crop.place(x, y, z);
        sample.hu.push_back(to_hu(crop.sample(p)));
        const bool near = lesion != nullptr && length(p - lesion->centre) < lesion->reach_mm + spacing_mm;
        sample.truth.push_back(near && lesion->truth->distance(p) < 0 && crop.in_series(p));
      }
    }
  }
  if (lesion != nullptr) sample.labels = lesion->labels;
  const VoxelIndex middle{size / 2, size / 2, size / 2};
  const MaskGrid grid{size, size, size, spacing_mm, spacing_mm, spacing_mm};
  sample.click = deepest_voxel(sample.truth, grid).value_or(middle);
  return sample;
}

/// Where a reader clicked: often near the middle of the lesion, sometimes anywhere in it.
Vec3 clicked_place(const SceneLesion& lesion, Random& random) {
  const double spread = random.chance(0.5) ? 0.35 : 1.0;
  for (int trial = 0; trial < 200; ++trial) {
    const double r = spread * lesion.reach_mm;
    const Vec3 p = lesion.centre + Vec3{random.uniform(-r, r), random.uniform(-r, r), random.uniform(-r, r)};
    if (lesion.truth->distance(p) < -0.5) return p;
  }
  return lesion.centre;
}

bool is_plain(const Scene& scene, const Vec3& p) {
  if (scene.organs.front().shape->distance(p) > -3) return false;
  for (const auto& lesion : scene.lesions) {
    if (lesion.truth->distance(p) < 5) return false;
  }
  return std::all_of(scene.lookalikes.begin(), scene.lookalikes.end(),
                     [&](const auto& shape) { return shape->distance(p) > 3; });
}

/// Plain tissue, half of the time beside a lesion.
Vec3 plain_place(const Scene& scene, Random& random) {
  const auto& a = scene.acquisition;
  const double z = 0.45 * a.height_mm();
  const auto usable = [&](const Vec3& p) { return std::abs(p.z - a.centre.z) < z && is_plain(scene, p); };
  if (random.chance(0.5)) {
    const SceneLesion& lesion = scene.lesions.front();
    const double r = lesion.reach_mm + 20;
    for (int trial = 0; trial < 300; ++trial) {
      const Vec3 p = lesion.centre + Vec3{random.uniform(-r, r), random.uniform(-r, r), random.uniform(-r, r)};
      const double mm = lesion.truth->distance(p);
      if (mm > 8 && mm < 20 && usable(p)) return p;
    }
  }
  for (;;) {
    const Vec3 p = a.centre + Vec3{random.uniform(-120, 120), random.uniform(-90, 90), random.uniform(-z, z)};
    if (usable(p)) return p;
  }
}

/// Numbers that a DICOM decimal string holds exactly enough to read back the same grid.
double in_tenths_of_micrometres(double mm) { return std::floor(mm * 1e4 + 0.5) / 1e4; }

SeriesGeometry geometry_of(const Acquisition& a, std::uint64_t seed, PhantomType type) {
  std::vector<PlacedSlice> slices;
  const std::string_view kind = type == PhantomType::stone ? "stone " : type == PhantomType::cyst ? "cyst " : "";
  const std::string name = "punctum phantom " + std::string(kind) + std::to_string(seed);
  const Uid study = Uid::derived_from(name + " study"), series = Uid::derived_from(name + " series");
  for (int z = 0; z < a.slices; ++z) {
    const Vec3 p = voxel_centre(a, 0, 0, z);
    const PatientPoint corner{in_tenths_of_micrometres(p.x), in_tenths_of_micrometres(p.y),
                              in_tenths_of_micrometres(p.z)};
    slices.push_back({{study, series, Uid::derived_from(name + " slice " + std::to_string(z)),
                       Uid::require(sop_class::ct_image_storage)},
                      {corner, {1, 0, 0}, {0, 1, 0}, a.pixel_mm, a.pixel_mm, a.columns, a.columns}});
  }
  return SeriesGeometry::from_slices(std::move(slices), Uid::derived_from(name + " frame of reference"));
}

PhantomLesion lesion_of(const Scene& scene, const SceneLesion& lesion, const SeriesGeometry& geometry) {
  const auto& a = scene.acquisition;
  const MaskGrid grid{a.columns, a.columns, a.slices, a.pixel_mm, a.pixel_mm, a.slice_mm};
  PhantomLesion made{lesion.labels, {geometry, std::vector<std::uint8_t>(grid.size(), 0)}, {}, 0};
  std::size_t count = 0;
  for (int z = 0; z < a.slices; ++z) {
    for (int y = 0; y < a.columns; ++y) {
      for (int x = 0; x < a.columns; ++x) {
        const Vec3 p = voxel_centre(a, x, y, z);
        if (length(p - lesion.centre) > lesion.reach_mm || lesion.truth->distance(p) >= 0) continue;
        made.mask.voxels[grid.index(x, y, z)] = 1;
        ++count;
      }
    }
  }
  if (const auto deepest = deepest_voxel(made.mask.voxels, grid)) made.click = geometry.to_patient(*deepest);
  made.volume_ml = static_cast<double>(count) * geometry.voxel_volume_mm3() / 1000;
  return made;
}

}  // namespace

PhantomSample phantom_crop(std::uint64_t seed, int size, double spacing_mm, PhantomType type) {
  const Scene scene = scene_of(seed, spacing_mm, type);
  Random random(seed ^ 0x63726f70ULL);
  const SceneLesion& lesion = scene.lesions.front();
  return cut(scene, clicked_place(lesion, random), size, spacing_mm, &lesion);
}

PhantomSample phantom_background_crop(std::uint64_t seed, int size, double spacing_mm) {
  const Scene scene = scene_of(seed, spacing_mm, PhantomType::usual);
  Random random(seed ^ 0x706c61696eULL);
  return cut(scene, plain_place(scene, random), size, spacing_mm, nullptr);
}

PhantomCase phantom_case(std::uint64_t seed, PhantomType type) {
  const Scene scene = scene_of(seed, 1.5, type);
  const auto& a = scene.acquisition;
  const auto scanned = acquire(scene, {0, 0, 0, a.columns, a.columns, a.slices});
  PhantomCase made{{geometry_of(a, seed, type), {}}, {}, std::string(scene.body_part)};
  made.volume.hu.reserve(scanned.size());
  for (const float hu : scanned) made.volume.hu.push_back(to_hu(hu));
  for (const auto& lesion : scene.lesions) {
    auto one = lesion_of(scene, lesion, made.volume.geometry);
    if (one.volume_ml > 0) made.lesions.push_back(std::move(one));
  }
  return made;
}

}  // namespace punctum
