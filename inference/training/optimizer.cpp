#include "inference/training/optimizer.hpp"

#include <algorithm>
#include <array>

namespace punctum::network {
namespace {

bool is_table(const std::string& name) {
  static constexpr std::array<const char*, 5> marks{"embed", "token.", "tokens.", "rel_pos", "queries"};
  return std::any_of(marks.begin(), marks.end(), [&](const char* m) { return name.find(m) != std::string::npos; });
}

}  // namespace

torch::optim::AdamW make_optimizer(const torch::nn::Module& network, const TrainOptions& options) {
  std::vector<torch::Tensor> decayed, kept;
  for (const auto& item : network.named_parameters()) {
    (item.value().dim() > 1 && !is_table(item.key()) ? decayed : kept).push_back(item.value());
  }
  const auto adam = torch::optim::AdamWOptions(options.learning_rate).betas({0.9, 0.98});
  const auto group = [&](const std::vector<torch::Tensor>& parameters, double decay) {
    auto own = torch::optim::AdamWOptions(adam).weight_decay(decay);
    return torch::optim::OptimizerParamGroup(parameters, std::make_unique<torch::optim::AdamWOptions>(own));
  };
  return torch::optim::AdamW(
      std::vector<torch::optim::OptimizerParamGroup>{group(decayed, options.weight_decay), group(kept, 0)}, adam);
}

double learning_rate_at(std::int64_t step, const TrainOptions& o) {
  const double up = static_cast<double>(step + 1) / static_cast<double>(std::max<std::int64_t>(o.warmup_steps, 1));
  const double down =
      static_cast<double>(o.steps - step) / static_cast<double>(std::max<std::int64_t>(o.decay_steps, 1));
  return o.learning_rate * std::clamp(std::min(up, down), 0.01, 1.0);
}

void set_learning_rate(torch::optim::AdamW& optimizer, double rate) {
  for (auto& group : optimizer.param_groups()) static_cast<torch::optim::AdamWOptions&>(group.options()).lr(rate);
}

}  // namespace punctum::network
