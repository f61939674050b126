#pragma once

#include "inference/synthesis/synthesis.hpp"

namespace punctum::synthesis {

/// A phantom as a background: so forms of real lesions come into phantom organs, too. Its own lesions are kept free.
BackgroundPtr phantom_background(const PhantomCase& phantom);

/// The phantom of this seed with its own lesions and one to three more, half of them of these forms, well apart.
/// Same library, same seed: same series, on every machine. Any thread. @throws Error if there is no place for any
PhantomCase phantom_with_forms(std::uint64_t seed, const ShapeLibrary& library);

}  // namespace punctum::synthesis
