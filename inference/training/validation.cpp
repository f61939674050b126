#include "inference/training/validation.hpp"

#include <algorithm>
#include <cmath>

#include "inference/preprocess/hu_rule.hpp"
#include "inference/training/click_simulation.hpp"
#include "inference/training/losses.hpp"

namespace punctum::network {
namespace {

double dice_between(const torch::Tensor& marked, const torch::Tensor& truth) {
  const double both = marked.logical_and(truth).sum().item<double>();
  return 2 * both / (marked.sum().item<double>() + truth.sum().item<double>());
}

struct LabelCounts {
  std::array<int, attribute_count> right{}, known{};
};

void count_labels(const Prediction& answer, const Batch& sample, const std::vector<int>& groups, LabelCounts& counts) {
  std::int64_t at = 0;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto said = answer.attributes[0].narrow(0, at, groups[g]).argmax().item<std::int64_t>();
    const auto wanted = sample.labels[0][static_cast<std::int64_t>(g)].item<std::int64_t>();
    counts.known[g] += wanted >= 0;
    counts.right[g] += said == wanted;
    at += groups[g];
  }
}

}  // namespace

Scores validate(LesionNetwork& network, const std::vector<TrainingCrop>& crops, int clicks) {
  torch::NoGradGuard no_grad;
  const auto& config = network->config();
  Scores scores;
  scores.dice.assign(static_cast<std::size_t>(clicks), 0);
  int lesions = 0, backgrounds = 0;
  LabelCounts counts;
  for (const auto& crop : crops) {
    const auto sample = centred_batch(crop, config.crop);
    const auto truth = sample.truth[0][0] > 0.5;
    const bool plain = !truth.any().item<bool>();
    const auto embedding = network->encode(network_input(sample.hu), sample.spacing_mm);
    PromptPoints points;
    torch::Tensor previous, marked;
    Prediction answer;
    std::optional<SimulatedClick> click = SimulatedClick{};
    auto place = sample.first_click;  // [1, 3]
    for (int n = 0; n < clicks; ++n) {
      if (click) {
        const auto kind = torch::full(
            {1, 1}, click->positive ? std::int64_t{kind_positive} : std::int64_t{kind_negative}, torch::kLong);
        points = join(points, network->refine(embedding, place.unsqueeze(0), kind, previous));
        answer = network->decode(embedding, points, previous);
        previous = answer.feedback;
        marked = answer.logits[0][0] > 0;
      }
      if (plain) {
        scores.background_ml += marked.sum().item<double>() * std::pow(crop.spacing_mm, 3) / 1000;
        break;
      }
      const double dice = dice_between(marked, truth);
      scores.dice[static_cast<std::size_t>(n)] += dice;
      if (n == 0) scores.first_click_dice.push_back(dice);
      click = deepest_error_click(marked, truth);
      if (click) {
        place = torch::tensor({static_cast<float>(click->place[0]), static_cast<float>(click->place[1]),
                               static_cast<float>(click->place[2])})
                    .unsqueeze(0);
      }
    }
    if (plain) {
      ++backgrounds;
      continue;
    }
    ++lesions;
    scores.labelled += (sample.labels >= 0).any().item<bool>();
    count_labels(answer, sample, config.attribute_groups, counts);
    const double dice = dice_between(marked, truth);
    scores.quality_error += std::abs(torch::sigmoid(answer.quality[0][0]).item<double>() - dice / (2 - dice));
  }
  for (auto& dice : scores.dice) dice /= std::max(lesions, 1);
  for (std::size_t g = 0; g < attribute_count; ++g) {
    scores.attributes[g] = static_cast<double>(counts.right[g]) / std::max(counts.known[g], 1);
  }
  scores.quality_error /= std::max(lesions, 1);
  scores.background_ml /= std::max(backgrounds, 1);
  return scores;
}

}  // namespace punctum::network
