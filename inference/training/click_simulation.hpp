#pragma once

#include <torch/torch.h>
#include <optional>
#include <random>

namespace punctum::network {

struct SimulatedClick {
  std::array<std::int64_t, 3> place{};  ///< voxel (z, y, x)
  bool positive = true;
};

/// A click as an expert would correct: a voxel of the false negatives or false positives, labelled by which it is.
/// Half of the time the deepest place of all errors, as careful readers and the evaluation do; else anywhere, rather
/// inside an error than on its rim. Nothing when mask and truth agree.
/// marked, truth: [S, S, S] bool on the CPU.
std::optional<SimulatedClick> correcting_click(const torch::Tensor& marked, const torch::Tensor& truth,
                                               std::mt19937_64& random);

/// A mask that an earlier round may have left: the truth cut off by a plane, grown or shrunk, leaking into a ball
/// beside it. truth: [S, S, S] bool on the CPU, not empty -> same.
torch::Tensor flawed_mask(const torch::Tensor& truth, std::mt19937_64& random);

/// Where the evaluation clicks: the deepest voxel of the largest error (6-connected).
std::optional<SimulatedClick> deepest_error_click(const torch::Tensor& marked, const torch::Tensor& truth);

}  // namespace punctum::network
