#pragma once

#include <torch/torch.h>

namespace punctum::network {

/// Layer norm over the channels of every voxel. x: [B, C, D, H, W] -> same.
struct LayerNorm3dImpl : torch::nn::Module {
  explicit LayerNorm3dImpl(int channels);
  torch::Tensor forward(const torch::Tensor& x);
  torch::Tensor weight, bias;
};
TORCH_MODULE(LayerNorm3d);

/// Linear layers with ReLU between them. x: [..., in] -> [..., out].
struct MlpImpl : torch::nn::Module {
  MlpImpl(int in, int hidden, int out, int layer_count);
  torch::Tensor forward(torch::Tensor x);
  torch::nn::ModuleList layers;
};
TORCH_MODULE(Mlp);

/// Linear, activation, linear: the MLP inside a transformer block.
struct FeedForwardImpl : torch::nn::Module {
  FeedForwardImpl(int width, int hidden, bool gelu);
  torch::Tensor forward(const torch::Tensor& x);
  torch::nn::Linear lin1{nullptr}, lin2{nullptr};
  bool gelu_;
};
TORCH_MODULE(FeedForward);

/// Two 3x3x3 convolutions with group norm and a short cut, over fewer channels where asked. x: [B, C, D, H, W] -> same.
struct ResidualBlock3dImpl : torch::nn::Module {
  ResidualBlock3dImpl(int channels, int hidden);
  torch::Tensor forward(const torch::Tensor& x);
  torch::nn::Conv3d conv1{nullptr}, conv2{nullptr};
  torch::nn::GroupNorm norm1{nullptr}, norm2{nullptr};
};
TORCH_MODULE(ResidualBlock3d);

/// Multi-head attention whose inner width may be smaller than the tokens' (SAM's decoder attention).
/// q: [B, Nq, C], k and v: [B, Nk, C] -> [B, Nq, C].
struct CrossAttentionImpl : torch::nn::Module {
  CrossAttentionImpl(int channels, int heads, int downsample);
  torch::Tensor forward(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v);
  torch::nn::Linear q_proj{nullptr}, k_proj{nullptr}, v_proj{nullptr}, out_proj{nullptr};
  int heads_;
};
TORCH_MODULE(CrossAttention);

/// A 3x3x3 convolution that keeps the size.
torch::nn::Conv3d conv3(int in, int out, int stride = 1);
torch::nn::Conv3d conv1(int in, int out);
torch::nn::LayerNorm layer_norm(int channels);

/// A convolution that keeps its size but for the stride. ATen gives one small crop to a path that takes four times as
/// long as oneDNN; this does not. x: [B, in, D, H, W] -> [B, out, ...].
torch::Tensor convolve(const torch::nn::Conv3dImpl& conv, const torch::Tensor& x);

/// A 1x1x1 convolution as the matrix product that it is: with one thread ATen takes a far slower way for it.
/// x: [B, in, D, H, W] -> [B, out, D, H, W].
torch::Tensor pointwise(const torch::nn::Conv3dImpl& conv, const torch::Tensor& x);

}  // namespace punctum::network
