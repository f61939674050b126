#pragma once

#include "inference/baselines/architecture.hpp"
#include "inference/baselines/baseline_layers.hpp"

namespace punctum::network {

/// The paper's attribute baseline (Table 3): a plain 3D classifier. It sees the crop around the first click and where
/// that click is, no mask and no further click.
struct AttributeCnnImpl : torch::nn::Module {
  explicit AttributeCnnImpl(const BaselineConfig& config);
  /// @return attributes alone: [B, 13] logits, group after group.
  Prediction forward(const Embedding& embedding, const PromptPoints& points, const torch::Tensor& previous);

  torch::nn::ModuleList stages;
  Mlp head{nullptr};
};
TORCH_MODULE(AttributeCnn);

}  // namespace punctum::network
