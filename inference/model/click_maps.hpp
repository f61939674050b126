#pragma once

#include "inference/model/prompt_encoder.hpp"

namespace punctum::network {

/// Clicks as pictures, for the mask head's fine levels, where a token's position is too coarse: nearness to positive
/// and negative clicks, and how much each voxel's density resembles that under the nearest-valued positive click.
struct ClickMaps {
  static constexpr int channels = 5;
  torch::Tensor quarter;   // [B, 5, S/4, S/4, S/4]
  torch::Tensor half;      // [B, 5, S/2, S/2, S/2]
  torch::Tensor likeness;  // [B, 1, S, S, S], 1 where the density is the clicked one
};

/// image: [B, 2, S, S, S]; only clicked points count, refined ones are left out.
ClickMaps draw_clicks(const torch::Tensor& image, const torch::Tensor& spacing_mm, const PromptPoints& points);

}  // namespace punctum::network
