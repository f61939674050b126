#pragma once

#include "inference/model/prompt_encoder.hpp"

namespace punctum::network {

/// Clicks and the mask so far as pictures, for the mask head's fine levels, where a token's position is too coarse:
/// nearness to positive and negative clicks, how much each voxel's density resembles that under the nearest-valued
/// positive click, and what the previous answer said (-1 to 1; 0 where there was none).
struct ClickMaps {
  static constexpr int channels = 6;
  torch::Tensor quarter;   // [B, 6, S/4, S/4, S/4]
  torch::Tensor half;      // [B, 6, S/2, S/2, S/2]
  torch::Tensor likeness;  // [B, 1, S, S, S], 1 where the density is the clicked one
};

/// image: [B, 2, S, S, S]; only clicked points count, refined ones are left out.
/// previous: [B, 1, n, n, n] logits of the last answer, or undefined.
ClickMaps draw_clicks(const torch::Tensor& image, const torch::Tensor& spacing_mm, const PromptPoints& points,
                      const torch::Tensor& previous);

/// Nearness to the clicks of either kind, exp(-d^2 / 2 sigma^2) summed up to 1: [B, 1, S, S, S].
torch::Tensor click_nearness(const PromptPoints& points, const torch::Tensor& spacing_mm, std::int64_t side,
                             double sigma_mm);

}  // namespace punctum::network
