#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "dicom/findings/lesion_report.hpp"
#include "inference/phantom/lesion_sizes.hpp"
#include "inference/phantom/lesion_type.hpp"
#include "inference/phantom/tissue.hpp"

namespace punctum::phantom {

/// How the scanner sees the scene. Sampled with the scene, since what can be seen decides which lesions make sense.
struct Acquisition {
  double pixel_mm = 1;
  double slice_mm = 2;  ///< distance and thickness of the slices
  int columns = 224;    ///< of a whole series; square
  int slices = 60;
  double psf_mm = 0.7;       ///< standard deviation of the in-plane blur
  double noise_hu = 12;      ///< standard deviation
  double noise_grain = 0.4;  ///< weight of the neighbours in the noise filter: 0 is white
  double streak_hu = 0;      ///< standard deviation of streaks from side to side, where few photons pass the body
  Vec3 centre;               ///< of the series, in the scene

  double width_mm() const { return pixel_mm * columns; }
  double height_mm() const { return slice_mm * slices; }
};

/// A structure with a border that a lesion may keep away from, touch or cross.
struct Organ {
  std::string_view name;
  ShapePtr shape;
  double hu = 0;
  double texture_sd = 0;
  bool parenchyma = false;  ///< lesions of any density may grow here; otherwise (fat, lung) only dense ones
  bool host = false;        ///< lesions may grow here at all
};

struct SceneLesion {
  std::array<int, attribute_count> labels{};
  ShapePtr truth;
  Vec3 centre;
  double reach_mm = 0;  ///< radius of a ball about the centre that holds it
};

/// A patient with lesions, in millimetres, before any grid. Painted in order; what comes later covers what was before.
struct Scene {
  std::uint64_t seed = 0;
  std::string_view body_part = "ABDOMEN";  ///< a term of PS3.16 annex L
  Acquisition acquisition;
  std::vector<Layer> layers;         ///< the first is the whole body with its skin
  std::vector<Organ> organs;         ///< in the order of painting
  std::vector<ShapePtr> lookalikes;  ///< unlabelled things that could pass for lesions
  std::vector<SceneLesion> lesions;
};

struct SceneRequest {
  std::uint64_t seed = 0;
  int lesions = 1;  ///< wished; fewer if there is no room. The first is always there
  LesionSizes sizes{};
  LesionType type = LesionType::usual;
};

Scene make_scene(const SceneRequest& request);

}  // namespace punctum::phantom
