#pragma once

#include <random>

#include "inference/baselines/click_network.hpp"
#include "inference/training/batch.hpp"
#include "inference/training/losses.hpp"
#include "inference/training/train_options.hpp"

namespace punctum::network {

/// What one step gave; means over its clicks. Negative: there is none, because the network gives no such answer or no
/// sample has a label.
struct StepResult {
  double segmentation = -1, attributes = -1, quality = -1;  ///< losses
  double first_dice = -1, last_dice = -1;

  /// The loss that stands for the step: of the masks, or of the attributes of a network without masks.
  double headline() const { return segmentation >= 0 ? segmentation : attributes; }
};
StepResult mean_of(const std::vector<StepResult>& results);

/// What attributes count: their loss beside that of the masks (AdaptiveWeight), and each label (LabelCounts).
struct AttributeWeights {
  double loss = 1;
  torch::Tensor labels{};
};

/// Clicks a batch as readers would and leaves the gradients of the losses in the network's parameters. The first click
/// comes from the batch; each further one corrects the answer before. With a flawed start the first answer already has
/// a mask of an earlier round to correct. A network without masks is clicked once. One thread a learner.
class Learner {
 public:
  /// @param mixed whether matrix products and convolutions work in bfloat16.
  Learner(std::shared_ptr<ClickNetwork> network, const ClickOptions& clicks, const LossOptions& losses,
          torch::Device device, bool mixed = false)
      : network_(std::move(network)), clicks_(clicks), losses_(losses), device_(device), mixed_(mixed) {}

  ClickNetwork& network() { return *network_; }
  /// @param click_count of this step.
  StepResult compute_gradients(const Batch& batch, int click_count, const AttributeWeights& weights,
                               std::mt19937_64& random);

 private:
  struct Asked {
    torch::Tensor place, kind;  // [B, 1, 3], [B, 1]
  };
  Embedding encode(const Batch& batch);
  Prediction decode(const Embedding& embedding, const PromptPoints& points, const torch::Tensor& previous);
  Asked correct(const torch::Tensor& marked, const torch::Tensor& truth, std::mt19937_64& random) const;
  torch::Tensor flawed_start(const torch::Tensor& truth, Asked& correction, std::mt19937_64& random) const;

  std::shared_ptr<ClickNetwork> network_;
  ClickOptions clicks_;
  LossOptions losses_;
  torch::Device device_;
  bool mixed_;
};

/// The number of clicks of a step, by the shares.
int draw_click_count(const ClickOptions& clicks, std::mt19937_64& random);

}  // namespace punctum::network
