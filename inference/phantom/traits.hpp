#pragma once

#include "inference/phantom/random.hpp"
#include "inference/phantom/scene.hpp"

namespace punctum::phantom {

enum class ShapeKind { round, irregular, wall, punctate };

/// What a lesion is to look like: drawn first, rendered second, verified third.
struct Traits {
  ShapeKind shape = ShapeKind::round;
  int density = 0;  ///< 0 hypodense, 1 isodense, 2 hyperdense
  bool heterogeneous = false;
  bool ill_defined = false;
  bool close = false;
  double diameter_mm = 10;
  LesionType type = LesionType::usual;

  std::array<int, attribute_count> labels() const {
    return {static_cast<int>(shape), density, heterogeneous, ill_defined, close};
  }
};

/// Draws a combination that can be seen in an image of this noise and slice thickness.
Traits draw_traits(const SceneRequest& request, const Acquisition& acquisition, Random& random);

/// The next smaller diameter at which these attributes still make sense.
double smaller(const Traits& traits);

/// The smallest difference in HU that shows a lesion of this size in this noise.
double visible_contrast(double diameter_mm, const Acquisition& acquisition);

}  // namespace punctum::phantom
