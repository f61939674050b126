#pragma once

#include <optional>
#include <vector>

#include "inference/phantom/traits.hpp"

namespace punctum::phantom {

/// A hollow organ: lumen within a wall.
struct HollowOrgan {
  ShapePtr lumen;  ///< as narrowed by the lesion
  ShapePtr outer;  ///< outer surface of the normal wall
  double wall_mm = 3;
};

/// A lesion about the origin, before it has a place.
struct LesionForm {
  ShapePtr shape;
  std::optional<HollowOrgan> organ;  ///< for a wall thickening: the organ that it grows in
  Vec3 outward{0, 0, 1};             ///< for a wall thickening: from its middle away from the lumen
  double thickness_mm = 0;           ///< for a wall thickening
};

/// What a lesion's form measures, found by probing it on a fine grid.
struct Survey {
  double volume_mm3 = 0, area_mm2 = 0, extent_mm = 0;  ///< extent: largest side of the bounding box
  double step_mm = 1;
  std::vector<Vec3> surface;  ///< places within half a step of the surface
  struct Inner {
    Vec3 place;
    double distance;
  };
  std::vector<Inner> inside;
  Vec3 deepest;  ///< the innermost place
  double deepest_mm = 0;
  double sphericity() const;
};

LesionForm draw_form(const Traits& traits, Random& random);
Survey survey(const Shape& shape);

/// Does the form measure as its label says (sphericity; for a wall, thickness against extent)?
bool form_agrees(const Traits& traits, const LesionForm& form, const Survey& survey);

}  // namespace punctum::phantom
