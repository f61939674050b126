#pragma once

#include "inference/model/lesion_network.hpp"

namespace punctum::network {

/// Two 3x3x3 convolutions, each with group norm and ReLU; the first may halve the size.
/// x: [B, in, D, H, W] -> [B, out, D / stride, ...].
struct ConvolutionPairImpl : torch::nn::Module {
  ConvolutionPairImpl(int in, int out, int stride);
  torch::Tensor forward(const torch::Tensor& x);
  torch::nn::Conv3d conv1{nullptr}, conv2{nullptr};
  torch::nn::GroupNorm norm1{nullptr}, norm2{nullptr};
};
TORCH_MODULE(ConvolutionPair);

/// Nearness to the clicks of one kind as a channel of the image: [B, 1, S, S, S], 1 at a click.
torch::Tensor click_channel(const Embedding& embedding, const PromptPoints& points, PointKind kind);

/// How coarse the crop is, the same everywhere: [B, 1, S, S, S], 0 at 1.5 mm, 1 at 3 mm.
torch::Tensor spacing_channel(const Embedding& embedding);

}  // namespace punctum::network
