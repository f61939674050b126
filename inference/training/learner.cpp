#include "inference/training/learner.hpp"

#include "inference/model/firm_logit.hpp"
#include "inference/model/precision.hpp"
#include "inference/preprocess/hu_rule.hpp"
#include "inference/training/chance.hpp"
#include "inference/training/click_simulation.hpp"

namespace punctum::network {
namespace {

constexpr double nearness_mm = 4;

bool happens(double share, std::mt19937_64& random) { return chance(random) < share; }

torch::Tensor as_firm(const torch::Tensor& logits) {
  return torch::where(logits > 0, torch::full_like(logits, firm_logit), torch::full_like(logits, -firm_logit));
}

StepResult result_of(const LossParts& parts) {
  const auto value = [](const torch::Tensor& loss) { return loss.defined() ? loss.item<double>() : -1; };
  StepResult result;
  result.segmentation = value(parts.segmentation);
  result.attributes = value(parts.attributes);
  result.quality = value(parts.quality);
  return result;
}

/// Undefined where there is nothing to learn.
torch::Tensor weighted_sum(const LossParts& parts, double quality_weight, double attribute_weight) {
  torch::Tensor sum;
  const auto add = [&](const torch::Tensor& loss, double weight) {
    if (!loss.defined()) return;
    sum = sum.defined() ? sum + weight * loss : weight * loss;
  };
  add(parts.segmentation, 1);
  add(parts.quality, quality_weight);
  add(parts.attributes, attribute_weight);
  return sum;
}

void widen(torch::Tensor& tensor) {
  if (tensor.defined()) tensor = tensor.to(torch::kFloat);
}

}  // namespace

int draw_click_count(const ClickOptions& clicks, std::mt19937_64& random) {
  return static_cast<int>(drawn(clicks.count_shares, random)) + 1;
}

StepResult mean_of(const std::vector<StepResult>& results) {
  const auto mean = [&](double StepResult::* value) {
    double sum = 0, count = 0;
    for (const auto& r : results) {
      if (!(r.*value < 0)) sum += r.*value, ++count;  // what is no number shall show
    }
    return count > 0 ? sum / count : -1;
  };
  return {mean(&StepResult::segmentation), mean(&StepResult::attributes), mean(&StepResult::quality),
          mean(&StepResult::first_dice), mean(&StepResult::last_dice)};
}

Learner::Asked Learner::correct(const torch::Tensor& marked, const torch::Tensor& truth,
                                std::mt19937_64& random) const {
  const auto m = marked.to(torch::kCPU), t = truth.to(torch::kCPU);
  auto place = torch::zeros({m.size(0), 1, 3});
  auto kind = torch::full({m.size(0), 1}, std::int64_t{kind_padding}, torch::kLong);
  for (std::int64_t b = 0; b < m.size(0); ++b) {
    // Who clicked into plain tissue does not go on clicking there; with clicks that correct it, the network learned
    // that a negative click after a positive one means that there is no lesion.
    if (!t[b][0].any().item<bool>()) continue;
    const auto click = correcting_click(m[b][0], t[b][0], random);
    if (!click) continue;
    for (std::size_t i = 0; i < 3; ++i) {
      place[b][0][static_cast<std::int64_t>(i)] = static_cast<float>(click->place[i]);
    }
    kind[b][0] = click->positive ? std::int64_t{kind_positive} : std::int64_t{kind_negative};
  }
  return {place.to(device_), kind.to(device_)};
}

torch::Tensor Learner::flawed_start(const torch::Tensor& truth, Asked& correction, std::mt19937_64& random) const {
  std::vector<torch::Tensor> masks;
  const auto t = (truth > 0.5).to(torch::kCPU);
  for (std::int64_t b = 0; b < t.size(0); ++b) {
    const bool plain = !t[b][0].any().item<bool>();
    masks.push_back((plain ? t[b][0] : flawed_mask(t[b][0], random)).unsqueeze(0));
  }
  const auto marked = torch::stack(masks).to(device_);
  correction = correct(marked, truth > 0.5, random);
  return network_->as_prompt((marked.to(torch::kFloat) * 2 - 1) * firm_logit);
}

Embedding Learner::encode(const Batch& batch) {
  const MixedPrecision mixed(device_, mixed_);
  auto embedding = network_->encode(network_input(batch.hu.to(device_)), batch.spacing_mm.to(device_));
  for (auto* part : {&embedding.encoded.tokens, &embedding.encoded.quarter, &embedding.encoded.half}) widen(*part);
  return embedding;
}

Prediction Learner::decode(const Embedding& embedding, const PromptPoints& points, const torch::Tensor& previous) {
  const MixedPrecision mixed(device_, mixed_);
  auto answer = network_->decode(embedding, points, previous);
  for (auto* part : {&answer.logits, &answer.candidates, &answer.quality, &answer.attributes, &answer.feedback}) {
    widen(*part);
  }
  return answer;
}

StepResult Learner::compute_gradients(const Batch& batch, int click_count, const AttributeWeights& weights,
                                      std::mt19937_64& random) {
  const auto& architecture = network_->architecture();
  const auto truth = batch.truth.to(device_), labels = batch.labels.to(device_);
  const auto label_weights = weights.labels.defined() ? weights.labels.to(device_) : weights.labels;
  const auto embedding = encode(batch);
  Asked asked{batch.first_click.unsqueeze(1).to(device_),
              torch::full({truth.size(0), 1}, std::int64_t{kind_positive}, torch::kLong).to(device_)};
  PromptPoints points;
  torch::Tensor previous, total;
  const bool flawed = happens(clicks_.flawed_start_share, random);  // drawn for all, so that all see the same
  if (!architecture.marks()) click_count = 1;
  if (flawed && architecture.marks()) {
    points = network_->refine(embedding, asked.place, asked.kind, previous);
    previous = flawed_start(truth, asked, random);
  }
  std::vector<StepResult> results;
  for (int n = 0; n < click_count; ++n) {
    points = join(points, network_->refine(embedding, asked.place, asked.kind, previous));
    const auto answer = decode(embedding, points, previous);
    const auto nearness = click_nearness(points, embedding.spacing_mm, truth.size(2), nearness_mm);
    const auto parts =
        losses_at(answer, truth, labels, nearness, architecture.attribute_groups(), losses_, label_weights);
    results.push_back(result_of(parts));
    const auto loss = weighted_sum(parts, losses_.quality, weights.loss);
    if (loss.defined()) total = total.defined() ? total + loss : loss;
    if (!answer.logits.defined()) continue;
    const auto marked = answer.logits.detach() > 0;
    results.back().last_dice = dice_of(marked.to(torch::kFloat), truth).mean().item<double>();
    previous = happens(clicks_.firm_prompt_share, random) ? as_firm(answer.feedback) : answer.feedback;
    if (n + 1 < click_count) asked = correct(marked, truth > 0.5, random);
  }
  auto result = mean_of(results);
  result.first_dice = results.front().last_dice, result.last_dice = results.back().last_dice;
  // A batch of plain tissue teaches no attributes, and what is held fast learns nothing.
  if (total.defined() && total.requires_grad()) (total / click_count).backward();
  return result;
}

}  // namespace punctum::network
