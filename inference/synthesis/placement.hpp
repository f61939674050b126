#pragma once

#include <optional>

#include "inference/phantom/lesion_form.hpp"
#include "inference/phantom/traits.hpp"
#include "inference/synthesis/surroundings.hpp"

namespace punctum::synthesis {

/// Where a form lies in a real CT, and what surrounds it there.
struct Placement {
  phantom::ShapePtr shape;  ///< in the patient; perhaps cut off at the borders of its host
  phantom::Survey survey;   ///< of that shape, in the patient
  Surroundings surroundings;
  Contact contact;
  bool cut_off = false;
};

/// Looks for a place where the relation to the surroundings is as the traits say.
/// @return nothing if none was found by trial.
std::optional<Placement> find_placement(const Background& background, const phantom::Traits& traits,
                                        const phantom::ShapePtr& form, const phantom::Survey& measured,
                                        phantom::Random& random);

}  // namespace punctum::synthesis
