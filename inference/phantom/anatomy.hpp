#pragma once

#include "inference/phantom/random.hpp"
#include "inference/phantom/scene.hpp"

namespace punctum::phantom {

enum class Region { abdomen, chest, pelvis };

/// Fills the scene with a body: layers and organs, no vessels within organs, no lesions.
/// @param roomy leaves out some organs, so that a hollow organ with free surroundings fits in.
void add_body(Scene& scene, Region region, bool roomy, Random& random);

/// Vessel trees, bowel loops, cysts, calcifications: none of them labelled, and none within 6 mm of a lesion that is to
/// have no close relationship. Their layers are put before the lesions' own.
void add_distractors(Scene& scene, std::size_t first_lesion_layer, Region region, Random& random);

}  // namespace punctum::phantom
