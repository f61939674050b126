#pragma once

#include <torch/torch.h>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>

#include "inference/baselines/click_network.hpp"
#include "inference/training/losses.hpp"

namespace punctum::network {

/// All that training needs to go on; everything random follows from seed and step.
struct TrainingState {
  explicit TrainingState(const Architecture& architecture);
  Architecture architecture;
  std::shared_ptr<ClickNetwork> network;
  std::shared_ptr<ClickNetwork> averaged;  // exponential moving average of the weights: what is validated and kept
  std::int64_t step = 0;
  AdaptiveWeight weight;
  LabelCounts label_counts;
  std::string provenance;  // JSON: options, data, command; for the manifest
};

/// Writes beside and renames, so that a crash leaves the old or the new one.
void save_checkpoint(const std::filesystem::path& path, const TrainingState& state,
                     const torch::optim::Optimizer& optimizer);
/// The architecture that the checkpoint was written with. @throws ModelError if it cannot be read.
Architecture checkpoint_architecture(const std::filesystem::path& path);
/// What it says of options, data and the weights that it started from; JSON. @throws ModelError if it cannot be read.
nlohmann::json checkpoint_provenance(const std::filesystem::path& path);
/// Onto the device of the state's network, wherever it was written. @param optimizer may be null. @throws ModelError.
void load_checkpoint(const std::filesystem::path& path, TrainingState& state, torch::optim::Optimizer* optimizer);

}  // namespace punctum::network
