#pragma once

#include <torch/torch.h>

namespace punctum::network {

inline constexpr int region_number_count = 76;

/// What can be measured of a lesion as marked, for the heads that describe it: density, spread and grain in its core,
/// in layers inside its border and in shells around it; its contrast and how steeply that is reached; what tissues lie
/// around; size, extents, compactness; how certain the mask is; how sharp its edge. No gradient: the heads learn what
/// follows from the numbers, the mask does not learn to please them.
/// image: [B, 2, S, S, S], logits: [B, 1, S, S, S], spacing_mm: [B] -> [B, region_number_count].
torch::Tensor region_numbers(const torch::Tensor& image, const torch::Tensor& logits, const torch::Tensor& spacing_mm);

/// Each number less its usual value, over its usual spread: what heads learn from. Without it those that vary little
/// were hardly heeded. [B, region_number_count] -> same.
torch::Tensor standardized(const torch::Tensor& numbers);

}  // namespace punctum::network
