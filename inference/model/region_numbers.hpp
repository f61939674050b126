#pragma once

#include <torch/torch.h>

namespace punctum::network {

inline constexpr int region_number_count = 60;

/// What can be measured of a lesion as marked, for the heads that describe it: density, spread and grain in its core,
/// in layers inside its border and in shells around it; its contrast and how steeply that is reached; what tissues lie
/// around; size, extents, compactness; how certain the mask is. Everything near 1 in size, no gradient: the heads learn
/// what follows from the numbers, the mask does not learn to please them.
/// image: [B, 2, S, S, S], logits: [B, 1, S, S, S], spacing_mm: [B] -> [B, region_number_count].
torch::Tensor region_numbers(const torch::Tensor& image, const torch::Tensor& logits, const torch::Tensor& spacing_mm);

}  // namespace punctum::network
