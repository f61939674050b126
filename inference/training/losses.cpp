#include "inference/training/losses.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace punctum::network {
namespace {

namespace F = torch::nn::functional;

constexpr double empty_share = 0.15;
constexpr double memory = 0.99;  // of the running means

torch::Tensor per_sample(const torch::Tensor& t) { return t.flatten(1); }

torch::Tensor entropy_of(const torch::Tensor& logits, const torch::Tensor& truth) {  // [B, 1, ...] -> [B, n]
  return per_sample(torch::binary_cross_entropy_with_logits(logits, truth, {}, {}, at::Reduction::None));
}

torch::Tensor mask_loss(const torch::Tensor& logits, const torch::Tensor& truth, const torch::Tensor& entropy,
                        const LossOptions& options) {  // [B]
  const auto p = torch::sigmoid(logits);
  const auto lesion = per_sample(truth).sum(1);
  const auto within = options.cross_entropy * 0.5 * (entropy * per_sample(truth)).sum(1) / (lesion + 50);
  const auto missed = options.dice * (1 - dice_of(p, truth)) + within;
  const auto marked = options.dice * empty_share * torch::log1p(per_sample(p).sum(1));
  return options.cross_entropy * entropy.mean(1) + torch::where(lesion > 0, missed, marked);
}

torch::Tensor iou_of(const torch::Tensor& logits, const torch::Tensor& truth) {  // [B, M, ...], [B, 1, ...] -> [B, M]
  const auto marked = (logits > 0).to(torch::kFloat).flatten(2), t = truth.flatten(2);
  const auto both = (marked * t).sum(2);
  return (both + 1e-3) / (marked.sum(2) + t.sum(2) - both + 1e-3);
}

torch::Tensor segmentation_loss(const Prediction& answer, const torch::Tensor& truth, const torch::Tensor& nearness,
                                const LossOptions& options) {
  const auto entropy = entropy_of(answer.logits, truth), near = per_sample(nearness);
  const auto pointed_at = (entropy * near).sum(1) / (near.sum(1) + 1);
  const auto loss = (mask_loss(answer.logits, truth, entropy, options) + options.beside_clicks * pointed_at).mean();
  if (!answer.candidates.defined()) return loss;

  const auto half_truth = torch::avg_pool3d(truth, 2);
  std::vector<torch::Tensor> others;
  for (std::int64_t i = 1; i < answer.candidates.size(1); ++i) {
    const auto candidate = answer.candidates.narrow(1, i, 1);
    others.push_back(mask_loss(candidate, half_truth, entropy_of(candidate, half_truth), options));
  }
  if (others.empty()) return loss;
  const auto best = std::get<0>(torch::stack(others, 1).min(1));  // [B]
  return loss + options.candidates * best.mean();
}

torch::Tensor quality_loss(const Prediction& answer, const torch::Tensor& truth) {
  const auto half_truth = torch::avg_pool3d(truth, 2);
  auto reached = iou_of(answer.candidates.detach(), (half_truth > 0.5).to(torch::kFloat));  // [B, M]
  reached.select(1, 0).copy_(iou_of(answer.logits.detach(), truth).select(1, 0));
  return (torch::sigmoid(answer.quality) - reached).square().mean();
}

/// Undefined if no sample has a label. attributes: [B, 13].
torch::Tensor attribute_loss(const torch::Tensor& attributes, const torch::Tensor& labels,
                             const std::vector<int>& groups, double label_smoothing,
                             const torch::Tensor& label_weights) {
  std::vector<torch::Tensor> by_group;
  std::int64_t at = 0;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto wanted = labels.select(1, static_cast<std::int64_t>(g));
    const auto logits = attributes.narrow(1, at, groups[g]);
    const auto weights = label_weights.defined() ? label_weights.narrow(0, at, groups[g]) : torch::Tensor();
    at += groups[g];
    if (!(wanted >= 0).any().item<bool>()) continue;
    const auto options = F::CrossEntropyFuncOptions()
                             .ignore_index(-1)
                             .label_smoothing(label_smoothing)
                             .weight(weights)
                             .reduction(torch::kSum);
    // Not Torch's mean, which divides by the weights: a batch of nothing but a rare label counts more, too.
    by_group.push_back(F::cross_entropy(logits, wanted, options) / (wanted >= 0).sum());
  }
  return by_group.empty() ? torch::Tensor() : torch::stack(by_group).mean();
}

}  // namespace

torch::Tensor dice_of(const torch::Tensor& p, const torch::Tensor& truth) {
  const auto a = per_sample(p), b = per_sample(truth);
  return (2 * (a * b).sum(1) + 1) / (a.sum(1) + b.sum(1) + 1);
}

LossParts losses_at(const Prediction& answer, const torch::Tensor& truth, const torch::Tensor& labels,
                    const torch::Tensor& nearness, const std::vector<int>& groups, const LossOptions& options,
                    const torch::Tensor& label_weights) {
  LossParts parts;
  if (answer.logits.defined()) parts.segmentation = segmentation_loss(answer, truth, nearness, options);
  if (answer.quality.defined()) parts.quality = quality_loss(answer, truth);
  if (answer.attributes.defined())
    parts.attributes = attribute_loss(answer.attributes, labels, groups, options.label_smoothing, label_weights);
  return parts;
}

LabelCounts::LabelCounts(std::vector<int> groups)
    : groups_(std::move(groups)),
      counts_(torch::zeros({std::accumulate(groups_.begin(), groups_.end(), std::int64_t{0})}, torch::kLong)) {}

void LabelCounts::add(const torch::Tensor& labels) {
  std::int64_t at = 0;
  for (std::size_t g = 0; g < groups_.size(); at += groups_[g], ++g) {
    const auto column = labels.select(1, static_cast<std::int64_t>(g));
    counts_.narrow(0, at, groups_[g]) += torch::bincount(column.masked_select(column >= 0), {}, groups_[g]);
  }
}

torch::Tensor LabelCounts::weights(double balance) const {
  if (balance == 0) return {};
  std::vector<torch::Tensor> by_group;
  std::int64_t at = 0;
  for (std::size_t g = 0; g < groups_.size(); at += groups_[g], ++g) {
    const auto seen = counts_.narrow(0, at, groups_[g]).clamp_min(1).to(torch::kFloat);
    const auto frequency = seen / seen.sum();
    const auto weight = frequency.pow(-balance);
    by_group.push_back(weight / (weight * frequency).sum());
  }
  return torch::cat(by_group);
}

void AdaptiveWeight::update(double segmentation, double attributes) {
  const auto mix = [](double& mean, double value) { mean = mean < 0 ? value : memory * mean + (1 - memory) * value; };
  mix(segmentation_, segmentation);
  mix(attributes_, attributes);
}

double AdaptiveWeight::value(const LossOptions& options) const {
  if (options.attribute_weight > 0) return options.attribute_weight;
  if (segmentation_ < 0 || attributes_ < 0) return 1;
  return std::clamp(options.attribute_share * segmentation_ / std::max(attributes_, 1e-6), 0.1, 2.0);
}

}  // namespace punctum::network
