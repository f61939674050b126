#pragma once

#include <torch/torch.h>

#include <string_view>
#include <vector>

#include "inference/preprocess/hu_rule_name.hpp"

namespace punctum {

/// The rule of hu_rule_name. hu: [B, S, S, S] -> [B, 2, S, S, S]: the whole range, and soft tissue spread out.
inline torch::Tensor network_input(const torch::Tensor& hu) {
  const auto value = hu.to(torch::kFloat);
  return torch::stack({value.clamp(-1000, 1000) / 500, (value.clamp(-160, 240) - 40) / 200}, /*dim=*/1);
}

/// The rule of sammed3d_hu_rule_name. hu: [B, S, S, S] -> [B, 1, S, S, S]: by mean and spread of what is denser than
/// water in that crop. Without any of it nothing is known of either, and HU stay as they are.
inline torch::Tensor sammed3d_input(const torch::Tensor& hu) {
  std::vector<torch::Tensor> crops;
  for (const auto& crop : hu.to(torch::kFloat).clamp(-1000, 1000).unbind(0)) {
    const auto dense = crop.masked_select(crop > 0);
    const bool known = dense.numel() > 1 && dense.std().item<float>() > 0;
    crops.push_back(known ? (crop - dense.mean()) / dense.std() : crop);
  }
  return torch::stack(crops).unsqueeze(1);
}

/// By the rule that a manifest names.
inline torch::Tensor network_input(const torch::Tensor& hu, std::string_view rule) {
  return rule == sammed3d_hu_rule_name ? sammed3d_input(hu) : network_input(hu);
}

}  // namespace punctum
