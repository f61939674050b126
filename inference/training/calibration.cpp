#include "inference/training/calibration.hpp"

#include <cmath>
#include <limits>

#include "inference/preprocess/hu_rule.hpp"
#include "inference/training/batch.hpp"

namespace punctum::network {
namespace {

double best_temperature(const torch::Tensor& logits, const torch::Tensor& labels) {
  double best = 1, best_loss = std::numeric_limits<double>::max();
  for (double t = 0.5; t <= 5.0; t *= 1.05) {
    const double loss = torch::nn::functional::cross_entropy(logits / t, labels).item<double>();
    if (loss < best_loss) best_loss = loss, best = t;
  }
  return std::round(best * 1000) / 1000;
}

}  // namespace

std::vector<double> fit_temperatures(ClickNetwork& network, const std::vector<TrainingCrop>& crops) {
  torch::NoGradGuard no_grad;
  const auto& groups = network.architecture().attribute_groups();
  if (!network.architecture().names()) return std::vector<double>(groups.size(), 1.0);
  std::vector<torch::Tensor> logits, labels;
  for (const auto& crop : crops) {
    if (crop.labels[0] < 0) continue;
    const auto sample = centred_batch(crop, network.architecture().crop());
    const auto embedding = network.encode(network_input(sample.hu), sample.spacing_mm);
    const auto kind = torch::full({1, 1}, std::int64_t{kind_positive}, torch::kLong);
    const auto points = network.refine(embedding, sample.first_click.unsqueeze(1), kind, {});
    logits.push_back(network.decode(embedding, points, {}).attributes);
    labels.push_back(sample.labels);
  }
  if (logits.empty()) return std::vector<double>(groups.size(), 1.0);
  const auto all = torch::cat(logits), wanted = torch::cat(labels);
  std::vector<double> temperatures;
  std::int64_t at = 0;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto count = groups[g];
    temperatures.push_back(best_temperature(all.narrow(1, at, count), wanted.select(1, static_cast<std::int64_t>(g))));
    at += count;
  }
  return temperatures;
}

}  // namespace punctum::network
