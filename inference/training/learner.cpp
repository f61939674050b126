#include "inference/training/learner.hpp"

#include "inference/preprocess/hu_rule.hpp"
#include "inference/training/chance.hpp"
#include "inference/training/click_simulation.hpp"

namespace punctum::network {
namespace {

constexpr double quality_weight = 0.3, firm_logit = 6, nearness_mm = 4;

bool happens(double share, std::mt19937_64& random) { return chance(random) < share; }

torch::Tensor as_firm(const torch::Tensor& logits) {
  return torch::where(logits > 0, torch::full_like(logits, firm_logit), torch::full_like(logits, -firm_logit));
}

}  // namespace

int draw_click_count(const ClickOptions& clicks, std::mt19937_64& random) {
  return static_cast<int>(drawn(clicks.count_shares, random)) + 1;
}

StepResult mean_of(const std::vector<StepResult>& results) {
  StepResult mean;
  double labelled = 0, attributes = 0;
  for (const auto& r : results) {
    const double n = static_cast<double>(results.size());
    mean.segmentation += r.segmentation / n, mean.quality += r.quality / n;
    mean.first_dice += r.first_dice / n, mean.last_dice += r.last_dice / n;
    if (r.attributes >= 0) attributes += r.attributes, ++labelled;
  }
  if (labelled > 0) mean.attributes = attributes / labelled;
  return mean;
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

StepResult Learner::compute_gradients(const Batch& batch, int click_count, double attribute_weight,
                                      std::mt19937_64& random) {
  const auto truth = batch.truth.to(device_), labels = batch.labels.to(device_);
  const auto embedding = network_->encode(network_input(batch.hu.to(device_)), batch.spacing_mm.to(device_));
  Asked asked{batch.first_click.unsqueeze(1).to(device_),
              torch::full({truth.size(0), 1}, std::int64_t{kind_positive}, torch::kLong).to(device_)};
  PromptPoints points;
  torch::Tensor previous, total;
  if (happens(clicks_.flawed_start_share, random)) {
    points = network_->refine(embedding, asked.place, asked.kind, previous);
    previous = flawed_start(truth, asked, random);
  }
  StepResult result;
  int labelled = 0;
  for (int n = 0; n < click_count; ++n) {
    points = join(points, network_->refine(embedding, asked.place, asked.kind, previous));
    const auto answer = network_->decode(embedding, points, previous);
    const auto nearness = click_nearness(points, embedding.spacing_mm, truth.size(2), nearness_mm);
    const auto parts = losses_at(answer, truth, labels, nearness, network_->config().attribute_groups);
    auto loss = parts.segmentation + quality_weight * parts.quality;
    result.segmentation += parts.segmentation.item<double>() / click_count;
    result.quality += parts.quality.item<double>() / click_count;
    if (parts.attributes.defined()) {
      result.attributes = std::max(result.attributes, 0.0) + parts.attributes.item<double>();
      ++labelled;
      loss = loss + attribute_weight * parts.attributes;
    }
    total = total.defined() ? total + loss : loss;
    const auto marked = answer.logits.detach() > 0;
    const double dice = dice_of(marked.to(torch::kFloat), truth).mean().item<double>();
    if (n == 0) result.first_dice = dice;
    result.last_dice = dice;
    previous = happens(clicks_.firm_prompt_share, random) ? as_firm(answer.feedback) : answer.feedback;
    if (n + 1 < click_count) asked = correct(marked, truth > 0.5, random);
  }
  if (labelled > 0) result.attributes /= labelled;
  (total / click_count).backward();
  return result;
}

}  // namespace punctum::network
