#include "inference/baselines/baseline_layers.hpp"

namespace punctum::network {
namespace {

namespace nn = torch::nn;

constexpr double near_mm = 4;  // as the finer of the two maps that the paper's network is given here
constexpr double finest_mm = 1.5;

nn::GroupNorm group_norm(int channels) {
  return nn::GroupNorm(nn::GroupNormOptions(channels % 8 == 0 ? 8 : 4, channels));
}

}  // namespace

ConvolutionPairImpl::ConvolutionPairImpl(int in, int out, int stride)
    : conv1(register_module("conv1", conv3(in, out, stride))),
      conv2(register_module("conv2", conv3(out, out))),
      norm1(register_module("norm1", group_norm(out))),
      norm2(register_module("norm2", group_norm(out))) {}

torch::Tensor ConvolutionPairImpl::forward(const torch::Tensor& x) {
  const auto first = torch::relu(norm1(convolve(*conv1, x)));
  return torch::relu(norm2(convolve(*conv2, first)));
}

torch::Tensor click_channel(const Embedding& embedding, const PromptPoints& points, PointKind kind) {
  const auto others = torch::full_like(points.kind, std::int64_t{kind_padding});
  const PromptPoints chosen{points.place, torch::where(points.kind == std::int64_t{kind}, points.kind, others),
                            points.refined};
  return click_nearness(chosen, embedding.spacing_mm, embedding.image.size(2), near_mm);
}

torch::Tensor spacing_channel(const Embedding& embedding) {
  const auto& image = embedding.image;
  const auto level = torch::log2(embedding.spacing_mm.to(torch::kFloat) / finest_mm).view({-1, 1, 1, 1, 1});
  return level.expand({image.size(0), 1, image.size(2), image.size(3), image.size(4)});
}

}  // namespace punctum::network
