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

struct RightAndKnown {
  std::array<int, attribute_count> right{}, known{};
};

void count_labels(const Prediction& answer, const Batch& sample, const std::vector<int>& groups,
                  RightAndKnown& counts) {
  std::int64_t at = 0;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto said = answer.attributes[0].narrow(0, at, groups[g]).argmax().item<std::int64_t>();
    const auto wanted = sample.labels[0][static_cast<std::int64_t>(g)].item<std::int64_t>();
    counts.known[g] += wanted >= 0;
    counts.right[g] += said == wanted;
    at += groups[g];
  }
}

double ml_of(const torch::Tensor& marked, double spacing_mm) {
  return marked.sum().item<double>() * std::pow(spacing_mm, 3) / 1000;
}

torch::Tensor place_of(const SimulatedClick& click) {  // [1, 3]
  return torch::tensor({static_cast<float>(click.place[0]), static_cast<float>(click.place[1]),
                        static_cast<float>(click.place[2])})
      .unsqueeze(0);
}

/// One crop after all its clicks.
struct ClickedCrop {
  Prediction answer;         // the last
  torch::Tensor marked;      // [S, S, S] bool, undefined without masks
  std::vector<double> dice;  // click by click; a perfect mask is clicked no further and stands
};

ClickedCrop click_through(ClickNetwork& network, const Batch& sample, int clicks) {
  const auto truth = sample.truth[0][0] > 0.5;
  const auto device = network.module().parameters().front().device();  // clicks are found on the CPU
  const auto embedding = network.encode(network_input(sample.hu.to(device)), sample.spacing_mm.to(device));
  ClickedCrop found;
  PromptPoints points;
  std::optional<SimulatedClick> click = SimulatedClick{};
  auto place = sample.first_click;  // [1, 3]
  for (int n = 0; n < clicks; ++n) {
    if (click) {
      const auto kind = torch::full({1, 1}, click->positive ? std::int64_t{kind_positive} : std::int64_t{kind_negative},
                                    torch::kLong);
      points = join(points,
                    network.refine(embedding, place.unsqueeze(0).to(device), kind.to(device), found.answer.feedback));
      found.answer = network.decode(embedding, points, found.answer.feedback);
    }
    if (!found.answer.logits.defined()) continue;
    found.marked = (found.answer.logits[0][0] > 0).to(torch::kCPU);
    found.dice.push_back(dice_between(found.marked, truth));
    click = deepest_error_click(found.marked, truth);
    if (click) place = place_of(*click);
  }
  return found;
}

}  // namespace

Scores validate(ClickNetwork& network, const std::vector<TrainingCrop>& crops, int clicks) {
  torch::NoGradGuard no_grad;
  const auto& architecture = network.architecture();
  Scores scores;
  scores.dice.assign(architecture.marks() ? static_cast<std::size_t>(clicks) : 0, 0);
  int lesions = 0, backgrounds = 0;
  RightAndKnown counts;
  for (const auto& crop : crops) {
    const auto sample = centred_batch(crop, architecture.crop());
    const bool plain = !(sample.truth > 0.5).any().item<bool>();
    const auto found = click_through(network, sample, plain || !architecture.marks() ? 1 : clicks);
    if (plain) {
      ++backgrounds;
      if (found.marked.defined()) scores.background_ml += ml_of(found.marked, crop.spacing_mm);
      continue;
    }
    ++lesions;
    scores.labelled += (sample.labels >= 0).any().item<bool>();
    if (found.answer.attributes.defined()) {
      count_labels(found.answer, sample, architecture.attribute_groups(), counts);
    }
    if (found.dice.empty()) continue;
    scores.first_click_dice.push_back(found.dice.front());
    for (std::size_t n = 0; n < found.dice.size(); ++n) scores.dice[n] += found.dice[n];
    const double dice = found.dice.back();
    if (!found.answer.quality.defined()) continue;
    scores.quality_error += std::abs(torch::sigmoid(found.answer.quality[0][0]).item<double>() - dice / (2 - dice));
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
