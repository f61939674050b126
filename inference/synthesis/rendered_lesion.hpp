#pragma once

#include <optional>

#include "inference/phantom/traits.hpp"
#include "inference/synthesis/background.hpp"
#include "inference/synthesis/series_block.hpp"
#include "inference/synthesis/shape_library.hpp"
#include "inference/synthesis/surroundings.hpp"

namespace punctum::synthesis {

/// A lesion with its place in a real CT, ready to be painted.
struct RenderedLesion {
  Coat coat;
  Vec3 centre;          ///< its innermost place
  double reach_mm = 0;  ///< radius of a ball about the centre that holds it
  phantom::Survey survey;
  std::array<int, attribute_count> labels{-1, -1, -1, -1, -1};
  double ring_hu = 0;  ///< of the host tissue round it
};

struct LesionWish {
  phantom::LesionSizes sizes;
  double real_share = 0.5;  ///< of the lesions that take their form from the library, where there is one
};

/// Draws a lesion: attributes first, then a form, then a place in the CT where they are true, then its tissue.
/// @return nothing if no place was found for the first few that were tried.
std::optional<RenderedLesion> draw_lesion(const Background& background, const ShapeLibrary& library,
                                          const LesionWish& wish, phantom::Random& random);

/// Is the lesion as dense in the painted image as its label says?
bool image_agrees(const RenderedLesion& lesion, const SeriesBlock& painted);

}  // namespace punctum::synthesis
