#pragma once

#include <torch/torch.h>

namespace punctum::network {

/// One voxel more on all sides, corners included: the highest within 3³ voxels. By shifting: ATen's max_pool3d takes
/// ten times as long. t: [..., D, H, W] bool or float, without gradient -> same.
torch::Tensor grown(torch::Tensor t);

/// The same along one axis only, -3 to -1.
torch::Tensor grown_along(const torch::Tensor& t, std::int64_t axis);

/// Voxels whose 3³ neighbourhood is marked; beyond the cube it goes on. t: [..., D, H, W] bool -> same.
torch::Tensor shrunk(const torch::Tensor& t);

}  // namespace punctum::network
