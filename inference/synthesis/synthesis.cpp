#include "inference/synthesis/synthesis.hpp"

#include <cmath>
#include <span>

#include "dicom/types/digest.hpp"
#include "dicom/types/error.hpp"
#include "dicom/types/sop_classes.hpp"
#include "inference/synthesis/rendered_lesion.hpp"

namespace punctum::synthesis {
namespace {

using phantom::Random;

constexpr int least_voxels = 6;

/// The crop whose middle lies on a place; its voxels read the block as the node's own crops read a series.
class CropCutter {
 public:
  CropCutter(const Vec3& centre, int size, double spacing) : size_(size), spacing_(spacing) {
    const double half = 0.5 * (size - 1) * spacing;
    first_ = centre - Vec3{half, half, half};
    last_ = centre + Vec3{half, half, half};
  }
  Box box() const { return {first_, last_}; }

  PhantomSample cut(const SeriesBlock& block) const {
    PhantomSample sample;
    sample.size = size_;
    sample.spacing_mm = spacing_;
    const auto side = static_cast<std::size_t>(size_);
    sample.hu.resize(side * side * side);
    sample.truth.resize(side * side * side);
    for (int z = 0; z < size_; ++z) {
      for (int y = 0; y < size_; ++y)
        block.read_line(place(0, y, z), spacing_, size_, sample.hu.data() + index(0, y, z));
    }
    sample.click = {size_ / 2, size_ / 2, size_ / 2};
    return sample;
  }

  void mark(const RenderedLesion& lesion, const SeriesBlock& block, PhantomSample& sample) const {
    const Box box = lesion.coat.shape->bounds();
    const auto low = [&](double v, double first) { return std::max(0, static_cast<int>((v - first) / spacing_)); };
    const auto high = [&](double v, double first) {
      return std::min(size_ - 1, static_cast<int>(std::floor((v - first) / spacing_)) + 1);
    };
    for (int z = low(box.low.z, first_.z); z <= high(box.high.z, first_.z); ++z) {
      for (int y = low(box.low.y, first_.y); y <= high(box.high.y, first_.y); ++y) {
        for (int x = low(box.low.x, first_.x); x <= high(box.high.x, first_.x); ++x) {
          const Vec3 p = place(x, y, z);
          if (lesion.coat.shape->distance(p) < 0 && block.in_series(p)) sample.truth[index(x, y, z)] = 1;
        }
      }
    }
    sample.labels = lesion.labels;
    const MaskGrid grid{size_, size_, size_, spacing_, spacing_, spacing_};
    sample.click = deepest_voxel(sample.truth, grid).value_or(sample.click);
  }

 private:
  Vec3 place(int x, int y, int z) const { return first_ + Vec3{x * spacing_, y * spacing_, z * spacing_}; }
  std::size_t index(int x, int y, int z) const {
    const auto side = static_cast<std::size_t>(size_);
    return (static_cast<std::size_t>(z) * side + static_cast<std::size_t>(y)) * side + static_cast<std::size_t>(x);
  }

  int size_;
  double spacing_;
  Vec3 first_, last_;
};

/// Where a reader clicked: often near the middle of the lesion, sometimes anywhere in it.
Vec3 clicked_place(const RenderedLesion& lesion, Random& random) {
  const double spread = random.chance(0.5) ? 0.35 : 1.0;
  for (int trial = 0; trial < 200; ++trial) {
    const double r = spread * lesion.reach_mm;
    const Vec3 p = lesion.centre + Vec3{random.uniform(-r, r), random.uniform(-r, r), random.uniform(-r, r)};
    if (lesion.coat.shape->distance(p) < -0.5) return p;
  }
  return lesion.centre;
}

LesionWish wish_for(double spacing_mm) {
  LesionWish wish;
  wish.sizes = phantom::lesion_sizes_for(spacing_mm);
  return wish;
}

const Background& any_of(const std::vector<BackgroundPtr>& backgrounds, Random& random) {
  return *backgrounds[static_cast<std::size_t>(random.below(static_cast<int>(backgrounds.size())))];
}

struct Scene {
  const Background* background;
  RenderedLesion lesion;
};

Scene lesion_somewhere(const std::vector<BackgroundPtr>& backgrounds, const ShapeLibrary& library,
                       const LesionWish& wish, Random& random) {
  constexpr int most_trials = 400;
  for (int trial = 0; trial < most_trials; ++trial) {
    const Background& background = any_of(backgrounds, random);
    if (auto lesion = draw_lesion(background, library, wish, random)) return {&background, std::move(*lesion)};
  }
  throw Error("cannot render a lesion: found no place for one in " + std::to_string(backgrounds.size()) +
              " CT series, expected soft tissue, lung, fat or bone in them");
}

/// Beside a lesion, near enough to be confused with it.
std::optional<Vec3> place_beside(const Background& background, const RenderedLesion& lesion, Random& random) {
  for (int trial = 0; trial < 60; ++trial) {
    const auto& surface = lesion.survey.surface;
    const Vec3 from = surface[static_cast<std::size_t>(random.below(static_cast<int>(surface.size())))];
    const Vec3 out = phantom::unit(from - lesion.centre + Vec3{random.normal(), random.normal(), random.normal()});
    const Vec3 p = from + out * random.uniform(8, 20);
    const double mm = lesion.coat.shape->distance(p);
    if (mm >= 8 && mm <= 22 && background.room(p) > 2) return p;
  }
  return {};
}

/// On something normal.
Vec3 plain_place(const Background& background, Random& random) {
  using enum TissueClass;
  const TissueClass kinds[] = {soft, lung, fat, bone, gas, other};
  Vec3 p;
  for (int trial = 0; trial < 300; ++trial) {
    const auto kind = kinds[random.weighted({0.52, 0.15, 0.1, 0.1, 0.03, 0.1})];
    const auto& cells = background.places(kind);
    if (cells.empty()) continue;
    p = background.place(cells[static_cast<std::size_t>(random.below(static_cast<int>(cells.size())))], random);
    // Two of three where something changes: vessels, walls, edges of organs are what gets mistaken for a lesion.
    if (random.chance(0.33) || background.slope(p) > (kind == lung ? 20 : 6)) return p;
  }
  return p;
}

/// The planes of a CT under new names: other pixels, other names.
SeriesGeometry renamed(const SeriesGeometry& geometry, const std::vector<std::int16_t>& hu) {
  Sha256 pixels;
  pixels.update(std::as_bytes(std::span(hu)));
  const std::string name =
      "punctum rendered " + pixels.finish().hex + " in " + geometry.slices().front().instance.series_instance_uid.str();
  const Uid study = Uid::derived_from(name + " study"), series = Uid::derived_from(name + " series");
  auto slices = geometry.slices();
  for (std::size_t z = 0; z < slices.size(); ++z) {
    slices[z].instance = {study, series, Uid::derived_from(name + " slice " + std::to_string(z)),
                          Uid::require(sop_class::ct_image_storage)};
  }
  return SeriesGeometry::from_slices(std::move(slices), Uid::derived_from(name + " frame of reference"),
                                     geometry.slice_spacing_mm());
}

/// The lesion on the series' own grid.
PhantomLesion on_series(const RenderedLesion& lesion, const SeriesGeometry& geometry) {
  const MaskGrid grid = mask_grid(geometry);
  PhantomLesion made{lesion.labels, {geometry, std::vector<std::uint8_t>(grid.size(), 0)}, {}, 0};
  for (int z = 0; z < grid.slices; ++z) {
    for (int y = 0; y < grid.rows; ++y) {
      for (int x = 0; x < grid.columns; ++x) {
        const auto at = geometry.to_patient(x, y, z);
        const Vec3 p{at.x, at.y, at.z};
        if (length(p - lesion.centre) > lesion.reach_mm || lesion.coat.shape->distance(p) >= 0) continue;
        made.mask.voxels[grid.index(x, y, z)] = 1;
      }
    }
  }
  if (const auto deepest = deepest_voxel(made.mask.voxels, grid)) made.click = geometry.to_patient(*deepest);
  made.volume_ml = static_cast<double>(made.mask.count()) * geometry.voxel_volume_mm3() / 1000;
  return made;
}

bool apart(const RenderedLesion& a, const RenderedLesion& b) {
  return length(a.centre - b.centre) > a.reach_mm + b.reach_mm + 8;
}

}  // namespace

LesionRenderer::LesionRenderer(std::vector<BackgroundPtr> backgrounds, ShapeLibrary library)
    : backgrounds_(std::move(backgrounds)), library_(std::move(library)) {
  if (backgrounds_.empty()) throw Error("cannot render lesions: found no CT series, expected at least one background");
}

PhantomSample LesionRenderer::crop(std::uint64_t seed, int size, double spacing_mm) const {
  Random random(seed ^ 0x72656e646572ULL);
  for (;;) {
    const Scene scene = lesion_somewhere(backgrounds_, library_, wish_for(spacing_mm), random);
    const CropCutter cutter(clicked_place(scene.lesion, random), size, spacing_mm);
    SeriesBlock block(scene.background->volume(), cutter.box());
    block.lay(scene.lesion.coat, scene.background->noise());
    if (!image_agrees(scene.lesion, block)) continue;
    PhantomSample sample = cutter.cut(block);
    cutter.mark(scene.lesion, block, sample);
    if (std::count(sample.truth.begin(), sample.truth.end(), 1) < least_voxels) continue;
    return sample;
  }
}

PhantomSample LesionRenderer::plain_crop(std::uint64_t seed, int size, double spacing_mm) const {
  Random random(seed ^ 0x706c61696eULL);
  if (random.chance(0.5)) {
    for (int trial = 0; trial < 20; ++trial) {
      const Scene scene = lesion_somewhere(backgrounds_, library_, wish_for(spacing_mm), random);
      const auto beside = place_beside(*scene.background, scene.lesion, random);
      if (!beside) continue;
      const CropCutter cutter(*beside, size, spacing_mm);
      SeriesBlock block(scene.background->volume(), cutter.box());
      block.lay(scene.lesion.coat, scene.background->noise());
      return cutter.cut(block);
    }
  }
  const Background& background = any_of(backgrounds_, random);
  const CropCutter cutter(plain_place(background, random), size, spacing_mm);
  return cutter.cut(SeriesBlock(background.volume(), cutter.box()));
}

PhantomCase LesionRenderer::scan(std::uint64_t seed) const {
  Random random(seed ^ 0x7363616eULL);
  const std::size_t wished = static_cast<std::size_t>(random.between(1, 3));
  const Scene first = lesion_somewhere(backgrounds_, library_, wish_for(1.5), random);
  const Background& background = *first.background;
  std::vector<RenderedLesion> lesions{first.lesion};
  for (int trial = 0; trial < 12 && lesions.size() < wished; ++trial) {
    auto next = draw_lesion(background, library_, wish_for(1.5), random);
    if (next && std::all_of(lesions.begin(), lesions.end(), [&](const auto& other) { return apart(other, *next); })) {
      lesions.push_back(std::move(*next));
    }
  }
  PhantomCase made{background.volume(), {}, background.body_part()};
  std::erase_if(lesions, [&](const RenderedLesion& lesion) {
    SeriesBlock block(made.volume, lesion.coat.shape->bounds().grown(20));
    block.lay(lesion.coat, background.noise());
    if (!image_agrees(lesion, block)) return true;
    block.write_back(made.volume.hu);
    return false;
  });
  if (lesions.empty()) return scan(phantom::mix(seed));
  made.volume.geometry = renamed(background.volume().geometry, made.volume.hu);
  for (const auto& lesion : lesions) made.lesions.push_back(on_series(lesion, made.volume.geometry));
  return made;
}

}  // namespace punctum::synthesis
