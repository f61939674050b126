#pragma once

#include <torch/torch.h>
#include <array>

#include "inference/model/lesion_network.hpp"
#include "inference/training/train_options.hpp"

namespace punctum::network {

/// The parts of the loss at one click, scalars with gradient; undefined where the answer has no such part.
struct LossParts {
  torch::Tensor segmentation;  // Dice + binary cross-entropy + the clicks' surroundings, the candidates' best included
  torch::Tensor attributes;    // grouped cross-entropy, undefined if no sample has a label
  torch::Tensor quality;       // squared error of the estimated IoU
};

/// truth: [B, 1, S, S, S] of 0 and 1, labels: [B, 5] int64, -1 for none. nearness: [B, 1, S, S, S] to all clicks: an
/// error beside a click weighs more than one that nobody has pointed at. Where the truth is empty (a click into plain
/// tissue) the marked volume counts by its logarithm: Dice has no slope there once much is marked. label_weights: one a
/// label (LabelCounts), or undefined for all alike.
LossParts losses_at(const Prediction& answer, const torch::Tensor& truth, const torch::Tensor& labels,
                    const torch::Tensor& nearness, const std::vector<int>& groups, const LossOptions& options = {},
                    const torch::Tensor& label_weights = {});

/// Dice coefficient of each sample, from probabilities or from 0 and 1; [B, 1, ...] twice -> [B].
torch::Tensor dice_of(const torch::Tensor& p, const torch::Tensor& truth);

/// The weight of the attribute loss: a share of the ratio of both losses' running means, within 0.1 and 2, so
/// that neither drowns the other. The paper calls it adaptive and says no more.
class AdaptiveWeight {
 public:
  void update(double segmentation, double attributes);
  double value(const LossOptions& options = {}) const;  ///< or the fixed one that they ask for
  std::array<double, 2> state() const { return {segmentation_, attributes_}; }
  void restore(const std::array<double, 2>& state) { segmentation_ = state[0], attributes_ = state[1]; }

 private:
  double segmentation_ = -1, attributes_ = -1;  // negative: nothing seen yet
};

/// How often each label was learned from, for LossOptions::label_balance (model.md 1.6).
class LabelCounts {
 public:
  explicit LabelCounts(std::vector<int> groups);
  void add(const torch::Tensor& labels);  ///< [B, 5] on the CPU; -1 is none
  /// [labels of all groups]: frequency within the group to the power of -balance, with a mean of 1 over what was seen,
  /// so that the loss keeps its height. Undefined for balance 0. A label that was never seen counts as seen once.
  torch::Tensor weights(double balance) const;
  const torch::Tensor& counts() const { return counts_; }
  void restore(const torch::Tensor& counts) { counts_ = counts; }

 private:
  std::vector<int> groups_;
  torch::Tensor counts_;  // int64
};

}  // namespace punctum::network
