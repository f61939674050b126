#pragma once

#include <torch/torch.h>
#include <random>
#include <vector>

#include "inference/training/training_crop.hpp"

namespace punctum::network {

/// One step's samples with their first clicks.
struct Batch {
  torch::Tensor hu;           // [B, S, S, S] float
  torch::Tensor truth;        // [B, 1, S, S, S] float, 0 or 1
  torch::Tensor labels;       // [B, 5] int64, -1: none
  torch::Tensor spacing_mm;   // [B]
  torch::Tensor first_click;  // [B, 3] float voxels (z, y, x)
};

/// Cuts the network's cube out of each crop, around a first click near the crop's centre and a few voxels beside it,
/// and varies it: mirrored, x and y exchanged, density shifted. Labels hold under all of that.
class BatchBuilder {
 public:
  BatchBuilder(int cube, std::mt19937_64& random) : cube_(cube), random_(random) {}
  void add(const TrainingCrop& crop);
  Batch build();

 private:
  std::int64_t below(std::int64_t bound);
  std::array<std::int64_t, 3> first_click(const torch::Tensor& truth);

  int cube_;
  std::mt19937_64& random_;
  std::vector<torch::Tensor> hu_, truth_, labels_, spacing_, click_;
};

/// A crop as it is, clicked in its centre: for validation. @param cube at most the crop's size.
Batch centred_batch(const TrainingCrop& crop, int cube);

}  // namespace punctum::network
