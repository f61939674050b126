#pragma once

#include <torch/torch.h>
#include <string>

namespace punctum::network {

/// "cpu", "cuda", or "auto": CUDA where this LibTorch offers it. @throws ModelError for another name, or for "cuda"
/// where there is none: what was asked for by name is not quietly replaced.
torch::Device device_named(const std::string& name);

}  // namespace punctum::network
