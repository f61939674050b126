#pragma once

#include <torch/torch.h>

#include "inference/preprocess/hu_rule_name.hpp"

namespace punctum {

/// The rule of hu_rule_name. hu: [B, S, S, S] -> [B, 2, S, S, S]: the whole range, and soft tissue spread out.
inline torch::Tensor network_input(const torch::Tensor& hu) {
  const auto value = hu.to(torch::kFloat);
  return torch::stack({value.clamp(-1000, 1000) / 500, (value.clamp(-160, 240) - 40) / 200}, /*dim=*/1);
}

}  // namespace punctum
