#include "inference/baselines/unet.hpp"

namespace punctum::network {
namespace {

namespace nn = torch::nn;

constexpr int input_channels = 6;  // image, clicks of either kind, mask so far, spacing
constexpr double first_bias = -3;  // nearly nothing is lesion, as the paper's network begins here

torch::Tensor input_of(const Embedding& embedding, const PromptPoints& points, const torch::Tensor& previous) {
  const auto& image = embedding.image;
  const auto said = previous.defined() ? torch::tanh(previous / 2) : torch::zeros_like(image.narrow(1, 0, 1));
  return torch::cat({image, click_channel(embedding, points, kind_positive),
                     click_channel(embedding, points, kind_negative), said, spacing_channel(embedding)},
                    1);
}

}  // namespace

UnetImpl::UnetImpl(const BaselineConfig& config) {
  const auto& c = config.channels;
  for (std::size_t i = 0; i < c.size(); ++i) {
    down->push_back(i == 0 ? ConvolutionPair(input_channels, c[0], 1) : ConvolutionPair(c[i - 1], c[i], 2));
  }
  for (std::size_t i = 0; i + 1 < c.size(); ++i) {
    up->push_back(nn::ConvTranspose3d(nn::ConvTranspose3dOptions(c[i + 1], c[i], 2).stride(2)));
    join->push_back(ConvolutionPair(2 * c[i], c[i], 1));
  }
  register_module("down", down);
  register_module("up", up);
  register_module("join", join);
  out = register_module("out", conv1(c[0], 1));
  nn::init::constant_(out->bias, first_bias);
}

Prediction UnetImpl::forward(const Embedding& embedding, const PromptPoints& points, const torch::Tensor& previous) {
  std::vector<torch::Tensor> levels;
  auto x = input_of(embedding, points, previous);
  for (const auto& stage : *down) levels.push_back(x = stage->as<ConvolutionPair>()->forward(x));
  for (std::size_t i = join->size(); i-- > 0;) {
    const auto finer = up[i]->as<nn::ConvTranspose3d>()->forward(x);
    x = join[i]->as<ConvolutionPair>()->forward(torch::cat({levels[i], finer}, 1));
  }
  Prediction answer;
  answer.logits = pointwise(*out, x);
  return answer;
}

}  // namespace punctum::network
