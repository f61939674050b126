#pragma once

#include "inference/phantom/traits.hpp"

namespace punctum::phantom {

/// Grows one lesion of these attributes (smaller than wished where there is no room) into the scene, at a place where
/// they are true, and paints it.
/// @return false if no such place was found; the scene is then unchanged.
bool add_lesion(Scene& scene, const Traits& traits, Random& random);

/// Copies of the lesion added last, within some 2 cm of it and well apart: punctate ones come in groups, and a click
/// means one of them.
void add_siblings(Scene& scene, Random& random);

/// mm from a place to the nearest structure that its host organ does not hold: the organ's own border or what is
/// painted over it later. Negative: beyond the border.
double clearance(const Scene& scene, std::size_t host, const Vec3& p);

}  // namespace punctum::phantom
