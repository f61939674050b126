#pragma once

#include "inference/baselines/architecture.hpp"
#include "inference/baselines/baseline_layers.hpp"

namespace punctum::network {

/// The paper's segmentation baseline (Table 2): an ordinary 3D U-Net. So that it is asked what the others are asked,
/// clicks, the previous mask and the spacing are channels beside the image; every click costs a whole pass.
struct UnetImpl : torch::nn::Module {
  explicit UnetImpl(const BaselineConfig& config);
  /// previous: [B, 1, S, S, S] logits or undefined. @return logits alone.
  Prediction forward(const Embedding& embedding, const PromptPoints& points, const torch::Tensor& previous);

  torch::nn::ModuleList down, up, join;  // finest level first
  torch::nn::Conv3d out{nullptr};
};
TORCH_MODULE(Unet);

}  // namespace punctum::network
