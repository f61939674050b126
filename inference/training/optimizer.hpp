#pragma once

#include <torch/torch.h>

#include "inference/training/train_options.hpp"

namespace punctum::network {

/// AdamW. Matrices decay; norms, biases, embeddings, tables and scales do not.
torch::optim::AdamW make_optimizer(const torch::nn::Module& network, const TrainOptions& options);

/// Warm up, hold, and fall linearly at the end; so the end can be moved while training runs.
double learning_rate_at(std::int64_t step, const TrainOptions& options);
void set_learning_rate(torch::optim::AdamW& optimizer, double rate);

}  // namespace punctum::network
