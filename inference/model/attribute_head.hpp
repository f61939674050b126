#pragma once

#include "inference/model/layers.hpp"
#include "inference/model/network_config.hpp"

namespace punctum::network {

/// From the hybrid tokens to five attribute features A, and from them to grouped logits.
struct AttributeHeadImpl : torch::nn::Module {
  AttributeHeadImpl(const NetworkConfig& config, int region_features);
  /// image: [B, C, G, G, G], tokens: [B, T, C], both from Z; regions: [B, R, F] of the lesion as marked so far;
  /// lesion: [B, C], the image tokens' mean within it -> A: [B, 5, C].
  torch::Tensor forward(const torch::Tensor& image, const torch::Tensor& tokens, const torch::Tensor& regions,
                        const torch::Tensor& lesion);
  /// attributes: [B, 5, C], numbers: [B, region_number_count] of the answer -> [B, 13], one soft-max a group.
  torch::Tensor classify(const torch::Tensor& attributes, const torch::Tensor& numbers);

  ResidualBlock3d res_block{nullptr};
  torch::nn::Embedding queries{nullptr};
  CrossAttention cross_attn{nullptr}, self_attn{nullptr};
  torch::nn::LayerNorm norm1{nullptr}, norm2{nullptr}, norm3{nullptr};
  FeedForward mlp{nullptr};
  Mlp region_mlp{nullptr}, number_mlp{nullptr};
  torch::nn::ModuleList heads;
};
TORCH_MODULE(AttributeHead);

/// Mask and attribute features exchange what they know (paper, eq. 3), both from the values before the exchange.
/// The layer scales start at zero, so that training starts without exchange.
struct SynergyImpl : torch::nn::Module {
  explicit SynergyImpl(const NetworkConfig& config);
  /// masks: [B, M, C], attributes: [B, 5, C] -> { Z_seg [B, M, C], Z_attr [B, 5, C] }.
  std::pair<torch::Tensor, torch::Tensor> forward(const torch::Tensor& masks, const torch::Tensor& attributes);
  torch::nn::Linear project_attributes{nullptr}, project_masks{nullptr};
  CrossAttention to_masks{nullptr}, to_attributes{nullptr};
  torch::nn::LayerNorm norm_masks{nullptr}, norm_attributes{nullptr};
  torch::Tensor scale_masks, scale_attributes;  // [C]
};
TORCH_MODULE(Synergy);

}  // namespace punctum::network
