#include "inference/model/layers.hpp"

#include <cmath>

namespace punctum::network {

namespace nn = torch::nn;

nn::Conv3d conv3(int in, int out, int stride) {
  return nn::Conv3d(nn::Conv3dOptions(in, out, 3).stride(stride).padding(1));
}

nn::Conv3d conv1(int in, int out) { return nn::Conv3d(nn::Conv3dOptions(in, out, 1)); }

nn::LayerNorm layer_norm(int channels) { return nn::LayerNorm(nn::LayerNormOptions({channels}).eps(1e-6)); }

torch::Tensor convolve(const nn::Conv3dImpl& conv, const torch::Tensor& x) {
  const auto& stride = *conv.options.stride();
  const std::int64_t padding = ((*conv.options.kernel_size())[0] - 1) / 2;
  const std::vector<std::int64_t> around(3, padding), step(stride.begin(), stride.end()), dilation(3, 1);
  const bool alone = x.size(0) == 1 && x.is_cpu() && !torch::GradMode::is_enabled() && at::hasMKLDNN();
  if (alone) return at::mkldnn_convolution(x.contiguous(), conv.weight, conv.bias, around, step, dilation, 1);
  return torch::conv3d(x, conv.weight, conv.bias, step, around, dilation, 1);
}

torch::Tensor pointwise(const nn::Conv3dImpl& conv, const torch::Tensor& x) {
  auto y = torch::matmul(conv.weight.flatten(1), x.flatten(2));  // [B, out, D H W]
  if (conv.bias.defined()) y = y + conv.bias.view({1, -1, 1});
  return y.view({x.size(0), -1, x.size(2), x.size(3), x.size(4)});
}

LayerNorm3dImpl::LayerNorm3dImpl(int channels) {
  weight = register_parameter("weight", torch::ones(channels));
  bias = register_parameter("bias", torch::zeros(channels));
}

torch::Tensor LayerNorm3dImpl::forward(const torch::Tensor& x) {
  const auto last = x.permute({0, 2, 3, 4, 1});  // [B, D, H, W, C]
  return torch::layer_norm(last, {x.size(1)}, weight, bias, 1e-6).permute({0, 4, 1, 2, 3}).contiguous();
}

MlpImpl::MlpImpl(int in, int hidden, int out, int layer_count) {
  for (int i = 0; i < layer_count; ++i) {
    layers->push_back(nn::Linear(i == 0 ? in : hidden, i + 1 == layer_count ? out : hidden));
  }
  register_module("layers", layers);
}

torch::Tensor MlpImpl::forward(torch::Tensor x) {
  for (std::size_t i = 0; i < layers->size(); ++i) {
    x = layers[i]->as<nn::Linear>()->forward(x);
    if (i + 1 < layers->size()) x = torch::relu(x);
  }
  return x;
}

FeedForwardImpl::FeedForwardImpl(int width, int hidden, bool gelu)
    : lin1(register_module("lin1", nn::Linear(width, hidden))),
      lin2(register_module("lin2", nn::Linear(hidden, width))),
      gelu_(gelu) {}

torch::Tensor FeedForwardImpl::forward(const torch::Tensor& x) {
  const auto hidden = lin1(x);
  return lin2(gelu_ ? torch::gelu(hidden) : torch::relu(hidden));
}

ResidualBlock3dImpl::ResidualBlock3dImpl(int channels, int hidden)
    : conv1(register_module("conv1", conv3(channels, hidden))),
      conv2(register_module("conv2", conv3(hidden, channels))),
      norm1(register_module("norm1", nn::GroupNorm(nn::GroupNormOptions(channels % 8 == 0 ? 8 : 4, channels)))),
      norm2(register_module("norm2", nn::GroupNorm(nn::GroupNormOptions(hidden % 8 == 0 ? 8 : 4, hidden)))) {}

torch::Tensor ResidualBlock3dImpl::forward(const torch::Tensor& x) {
  const auto inner = convolve(*conv1, torch::gelu(norm1(x)));
  return x + convolve(*conv2, torch::gelu(norm2(inner)));
}

CrossAttentionImpl::CrossAttentionImpl(int channels, int heads, int downsample) : heads_(heads) {
  const int inner = channels / downsample;
  q_proj = register_module("q_proj", nn::Linear(channels, inner));
  k_proj = register_module("k_proj", nn::Linear(channels, inner));
  v_proj = register_module("v_proj", nn::Linear(channels, inner));
  out_proj = register_module("out_proj", nn::Linear(inner, channels));
}

torch::Tensor CrossAttentionImpl::forward(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v) {
  const auto split = [this](const torch::Tensor& t) {  // [B, N, I] -> [B, heads, N, I / heads]
    return t.view({t.size(0), t.size(1), heads_, -1}).transpose(1, 2);
  };
  const auto qh = split(q_proj(q)), kh = split(k_proj(k)), vh = split(v_proj(v));
  const double scale = 1.0 / std::sqrt(static_cast<double>(qh.size(3)));
  const auto attention = torch::softmax(torch::matmul(qh * scale, kh.transpose(2, 3)), /*dim=*/-1);  // [B, h, Nq, Nk]
  const auto joined = torch::matmul(attention, vh).transpose(1, 2).flatten(2);                       // [B, Nq, I]
  return out_proj(joined);
}

}  // namespace punctum::network
