#pragma once

#include "inference/model/lesion_network.hpp"
#include "inference/model/safetensors.hpp"

namespace punctum::network {

/// Parameters and buffers by name.
WeightsFile weights_of(const torch::nn::Module& network);

/// Every tensor of the network, and no other, with its exact shape. @throws ModelError naming the first that differs.
void assign_weights(torch::nn::Module& network, const WeightsFile& weights);

/// Takes what has the same name and shape, for a training that starts from another network. @return how many tensors.
int assign_matching_weights(torch::nn::Module& network, const WeightsFile& weights);

inline WeightsFile weights_of(const LesionNetwork& network) { return weights_of(*network); }
inline void assign_weights(LesionNetwork& network, const WeightsFile& weights) { assign_weights(*network, weights); }

}  // namespace punctum::network
