#include "inference/baselines/attribute_cnn.hpp"

#include <numeric>

namespace punctum::network {
namespace {

constexpr int input_channels = 4;  // image, first click, spacing

PromptPoints first_of(const PromptPoints& points) {
  return {points.place.narrow(1, 0, 1), points.kind.narrow(1, 0, 1), points.refined.narrow(1, 0, 1)};
}

}  // namespace

AttributeCnnImpl::AttributeCnnImpl(const BaselineConfig& config) {
  int in = input_channels;
  for (const int out : config.channels) {
    stages->push_back(ConvolutionPair(in, out, /*stride=*/2));
    in = out;
  }
  register_module("stages", stages);
  const int logits = std::accumulate(config.attribute_groups.begin(), config.attribute_groups.end(), 0);
  head = register_module("head", Mlp(2 * in, in, logits, /*layer_count=*/2));
}

Prediction AttributeCnnImpl::forward(const Embedding& embedding, const PromptPoints& points, const torch::Tensor&) {
  auto x = torch::cat(
      {embedding.image, click_channel(embedding, first_of(points), kind_positive), spacing_channel(embedding)}, 1);
  for (const auto& stage : *stages) x = stage->as<ConvolutionPair>()->forward(x);
  const auto flat = x.flatten(2);  // [B, C, n³]
  Prediction answer;
  answer.attributes = head->forward(torch::cat({flat.mean(2), flat.amax(2)}, 1));
  return answer;
}

}  // namespace punctum::network
