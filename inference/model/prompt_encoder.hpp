#pragma once

#include "inference/model/layers.hpp"
#include "inference/model/network_config.hpp"

namespace punctum::network {

/// What a prompt token says. Values are the indices of the label embeddings.
enum PointKind : std::int64_t { kind_padding = -1, kind_negative = 0, kind_positive = 1, kind_context = 2 };

/// Clicks and the points that refinement found around them, in the order in which they were made.
struct PromptPoints {
  torch::Tensor place;    // [B, T, 3] voxels (z, y, x), whole numbers are voxel centres
  torch::Tensor kind;     // [B, T] int64, PointKind
  torch::Tensor refined;  // [B, T] bool: found by refinement, not clicked
};
PromptPoints join(const PromptPoints& earlier, const PromptPoints& later);

/// Random Fourier features of places in the unit cube.
struct FourierPositionsImpl : torch::nn::Module {
  explicit FourierPositionsImpl(int channels);
  torch::Tensor forward(const torch::Tensor& unit) const;  // [..., 3] (z, y, x) in 0..1 -> [..., C]
  torch::Tensor positional_encoding_gaussian_matrix;       // [3, C / parts]
  bool three_parts_;                                       // SAM-Med3D's sin, cos, sin where C divides by three
};
TORCH_MODULE(FourierPositions);

/// Logits at a quarter of the resolution to a dense prompt. [B, 1, 4 G, 4 G, 4 G] -> [B, C, G, G, G]
torch::nn::Sequential mask_prompt_layers(int channels);

/// Points to tokens, each kind with an embedding of its own; previous logits to a dense prompt.
struct PromptEncoderImpl : torch::nn::Module {
  explicit PromptEncoderImpl(const NetworkConfig& config);
  torch::Tensor embed_points(const PromptPoints& points);  // [B, T, C]
  /// previous: [B, 1, 4 G, 4 G, 4 G] logits, or undefined for "no mask yet" -> [B, C, G, G, G].
  torch::Tensor embed_mask(const torch::Tensor& previous, std::int64_t batch);
  torch::Tensor grid_positions();  // [1, C, G, G, G]
  FourierPositions pe_layer{nullptr};
  torch::nn::ModuleList point_embeddings;  // negative, positive, context
  torch::nn::Embedding not_a_point_embed{nullptr}, no_mask_embed{nullptr}, refined_embed{nullptr};
  torch::nn::Sequential mask_downscaling;
  int crop_, grid_;
};
TORCH_MODULE(PromptEncoder);

}  // namespace punctum::network
