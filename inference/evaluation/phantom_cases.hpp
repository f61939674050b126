#pragma once

#include <cstdint>

#include "inference/evaluation/evaluation_case.hpp"

namespace punctum {

/// Every lesion of the whole phantom series of these seeds, both ends included.
CaseSource phantom_cases(std::uint64_t first_seed, std::uint64_t last_seed);

/// Stones and cysts, which no network is trained on, in phantoms of these seeds: as many of one type as of the other,
/// in turn; a type each seed. Group "zero-shot".
CaseSource zero_shot_phantom_cases(std::uint64_t first_seed, std::uint64_t last_seed);

}  // namespace punctum
