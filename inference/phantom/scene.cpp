#include "inference/phantom/scene.hpp"

#include "inference/phantom/anatomy.hpp"
#include "inference/phantom/lesions.hpp"

namespace punctum::phantom {
namespace {

Acquisition draw_acquisition(Random& random) {
  Acquisition a;
  a.columns = 8 * random.between(24, 30);
  a.pixel_mm = random.between(900, 1400) / 1000.0;  // a decimal string can hold it
  constexpr double thicknesses[] = {1, 1.25, 1.5, 2, 2.5, 3, 4, 5};
  a.slice_mm = thicknesses[random.weighted({1, 1, 1, 1.5, 1.5, 1.5, 0.8, 1})];
  const double height = random.uniform(90, 170);
  a.slices = std::clamp(static_cast<int>(height / a.slice_mm), 40, 100);
  a.psf_mm = random.uniform(0.5, 0.8);
  a.noise_hu = random.log_uniform(7, 22);
  a.noise_grain = random.uniform(0.2, 0.6);
  if (random.chance(0.35)) a.streak_hu = random.uniform(0.3, 1.0) * a.noise_hu;
  a.centre = {0.5 * random.between(-24, 24), 0.5 * random.between(-16, 16), 0.5 * random.between(-60, 60)};
  return a;
}

Region draw_region(const Traits& first, Random& random) {
  if (first.type == LesionType::stone) return Region::abdomen;
  if (first.shape == ShapeKind::wall) return random.chance(0.6) ? Region::abdomen : Region::pelvis;
  // Lung and fat take dense lesions only; the region must not give the density away more than it does in people.
  if (first.density != 2) return random.chance(0.75) ? Region::abdomen : Region::pelvis;
  return static_cast<Region>(random.weighted({0.5, 0.35, 0.15}));
}

/// What stays when a body has no room for the first lesion and another one is tried, so that lesions that are hard to
/// place are not rarer than drawn.
struct Opening {
  Acquisition acquisition;
  Traits first;
};

std::string_view name_of(Region region) {
  switch (region) {
    case Region::abdomen:
      return "ABDOMEN";
    case Region::chest:
      return "CHEST";
    case Region::pelvis:
      return "PELVIS";
  }
  return "ABDOMEN";
}

Scene try_scene(const SceneRequest& request, const Opening& opening, std::uint64_t seed) {
  Random random(seed);
  Scene scene;
  scene.seed = seed;
  scene.acquisition = opening.acquisition;
  const Region region = draw_region(opening.first, random);
  scene.body_part = name_of(region);
  const bool roomy = opening.first.shape == ShapeKind::wall || opening.first.type == LesionType::stone;
  add_body(scene, region, roomy, random);
  const std::size_t first_lesion_layer = scene.layers.size();
  if (!add_lesion(scene, opening.first, random)) return scene;
  const bool group = opening.first.shape == ShapeKind::punctate && opening.first.type == LesionType::usual;
  if (group && random.chance(0.35)) add_siblings(scene, random);
  for (int trial = 0; trial < 4 && scene.lesions.size() < static_cast<std::size_t>(request.lesions); ++trial) {
    add_lesion(scene, draw_traits(request, scene.acquisition, random), random);
  }
  add_distractors(scene, first_lesion_layer, region, random);
  return scene;
}

}  // namespace

Scene make_scene(const SceneRequest& request) {
  constexpr int bodies_per_lesion = 6;
  Random random(request.seed);
  for (;;) {
    Opening opening{draw_acquisition(random), {}};
    opening.first = draw_traits(request, opening.acquisition, random);
    for (int body = 0; body < bodies_per_lesion; ++body) {
      Scene scene = try_scene(request, opening, random.bits());
      if (!scene.lesions.empty()) return scene;
    }
  }
}

}  // namespace punctum::phantom
