#pragma once

#include <vector>

#include "inference/baselines/click_network.hpp"
#include "inference/training/training_crop.hpp"

namespace punctum::network {

/// One temperature an attribute: that by which the logits after the first click must be divided for the labels of
/// held-out crops to be likeliest. Within 0.5 and 5, by search over a grid;
/// 1 where the network names none or no crop has labels.
std::vector<double> fit_temperatures(ClickNetwork& network, const std::vector<TrainingCrop>& crops);

}  // namespace punctum::network
