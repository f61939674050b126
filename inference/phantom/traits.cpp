#include "inference/phantom/traits.hpp"

namespace punctum::phantom {
namespace {

struct Range {
  double low, high;
};

Range sizes(ShapeKind shape) {
  switch (shape) {
    case ShapeKind::round:
      return {9, 1e3};
    case ShapeKind::irregular:
      return {12, 1e3};
    case ShapeKind::wall:
      return {20, 80};
    case ShapeKind::punctate:
      return {4, 10};
  }
  return {4, 60};
}

ShapeKind draw_shape(const SceneRequest& request, Random& random) {
  const bool small = request.sizes.smallest_mm < sizes(ShapeKind::punctate).high;
  return static_cast<ShapeKind>(random.weighted({0.35, 0.30, 0.15, small ? 0.20 : 0.0}));
}

double draw_diameter(ShapeKind shape, const SceneRequest& request, const Acquisition& acquisition, Random& random) {
  const Range allowed = sizes(shape);
  const double low = std::max({allowed.low, request.sizes.smallest_mm, 1.3 * acquisition.slice_mm});
  const double high = std::max(low, std::min(allowed.high, request.sizes.largest_mm));
  return random.log_uniform(low, high);
}

bool can_be_seen(const Traits& t) {
  const bool tiny = t.shape == ShapeKind::punctate;
  if (tiny && t.diameter_mm < 7 && (t.ill_defined || t.heterogeneous)) return false;
  if (tiny && t.close && (t.ill_defined || t.density == 0)) return false;  // lost in the border that it touches
  if (tiny && t.density == 1) return false;                                // no edge, no texture, nothing to see
  if (t.density == 1 && t.ill_defined && !t.heterogeneous) return false;
  const bool rim_only = t.density == 1 && !t.heterogeneous && t.shape != ShapeKind::wall;
  if (rim_only && t.diameter_mm > 32) return false;  // a rim shows a small lesion, but not a large one
  return !(t.density == 1 && t.diameter_mm < 14 && t.shape != ShapeKind::wall);
}

/// A stone in the fluid of a hollow organ, or a cyst in the tissue of a solid one.
Traits draw_typed_traits(const SceneRequest& request, const Acquisition& acquisition, Random& random) {
  Traits t;
  t.type = request.type;
  const bool stone = request.type == LesionType::stone;
  t.density = stone ? 2 : 0;
  t.close = !stone && random.chance(0.5);
  const double least = std::max({stone ? 5.0 : 9.0, request.sizes.smallest_mm, 1.3 * acquisition.slice_mm});
  t.diameter_mm = random.log_uniform(least, std::max(least, std::min(stone ? 26.0 : 45.0, request.sizes.largest_mm)));
  t.shape = t.diameter_mm < 9                                    ? ShapeKind::punctate
            : stone && t.diameter_mm > 12 && random.chance(0.35) ? ShapeKind::irregular
                                                                 : ShapeKind::round;
  return t;
}

}  // namespace

Traits draw_traits(const SceneRequest& request, const Acquisition& acquisition, Random& random) {
  if (request.type != LesionType::usual) return draw_typed_traits(request, acquisition, random);
  Traits t;
  t.shape = draw_shape(request, random);
  do {
    t.diameter_mm = draw_diameter(t.shape, request, acquisition, random);
    t.density = random.weighted({1.0, 1.3, 0.85});                 // isodense loses most to can_be_seen
    t.heterogeneous = random.chance(t.density == 1 ? 0.4 : 0.54);  // evens out what can_be_seen takes away
    t.ill_defined = random.chance(0.5);
    t.close = random.chance(t.shape == ShapeKind::punctate ? 0.65 : 0.5);
  } while (!can_be_seen(t));
  return t;
}

double smaller(const Traits& traits) {
  const bool telling = traits.shape == ShapeKind::punctate && (traits.ill_defined || traits.heterogeneous);
  return std::max({telling ? 7.0 : sizes(traits.shape).low, 0.8 * traits.diameter_mm});
}

double visible_contrast(double diameter_mm, const Acquisition& acquisition) {
  // Thick slices dilute a small lesion with what lies above and below it.
  return acquisition.noise_hu * (0.9 + 11 / diameter_mm) * (1 + 0.6 * acquisition.slice_mm / diameter_mm);
}

}  // namespace punctum::phantom
