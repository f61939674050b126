#pragma once

#include "inference/model/layers.hpp"
#include "inference/model/network_config.hpp"

namespace punctum::network {

/// Tokens and image look at each other: self-attention of the tokens, tokens to image, MLP, image to tokens.
/// queries: [B, T, C], keys: [B, N, C], with their positions.
struct TwoWayBlockImpl : torch::nn::Module {
  TwoWayBlockImpl(int channels, int heads, int mlp, bool first);
  std::pair<torch::Tensor, torch::Tensor> forward(torch::Tensor queries, torch::Tensor keys,
                                                  const torch::Tensor& query_positions,
                                                  const torch::Tensor& key_positions);
  CrossAttention self_attn{nullptr}, cross_attn_token_to_image{nullptr}, cross_attn_image_to_token{nullptr};
  torch::nn::LayerNorm norm1{nullptr}, norm2{nullptr}, norm3{nullptr}, norm4{nullptr};
  FeedForward mlp{nullptr};
  bool first_;  // SAM's first block lets attention replace the tokens, without positions
};
TORCH_MODULE(TwoWayBlock);

/// The hybrid token encoder: image, prompt, mask and IoU tokens become Z.
struct TwoWayTransformerImpl : torch::nn::Module {
  explicit TwoWayTransformerImpl(const NetworkConfig& config);
  /// tokens: [B, T, C], image and positions: [B or 1, N, C] -> { tokens [B, T, C], image [B, N, C] }.
  std::pair<torch::Tensor, torch::Tensor> forward(const torch::Tensor& tokens, const torch::Tensor& image,
                                                  const torch::Tensor& positions);
  torch::nn::ModuleList layers;
  CrossAttention final_attn_token_to_image{nullptr};
  torch::nn::LayerNorm norm_final_attn{nullptr};
};
TORCH_MODULE(TwoWayTransformer);

}  // namespace punctum::network
