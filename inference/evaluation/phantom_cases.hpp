#pragma once

#include <cstdint>

#include "inference/evaluation/evaluation_case.hpp"

namespace punctum {

/// Every lesion of the whole phantom series of these seeds, both ends included.
CaseSource phantom_cases(std::uint64_t first_seed, std::uint64_t last_seed);

}  // namespace punctum
