#include "inference/model/prompt_encoder.hpp"

#include <numbers>

namespace punctum::network {

namespace nn = torch::nn;

PromptPoints join(const PromptPoints& earlier, const PromptPoints& later) {
  if (!earlier.place.defined()) return later;
  return {torch::cat({earlier.place, later.place}, 1), torch::cat({earlier.kind, later.kind}, 1),
          torch::cat({earlier.refined, later.refined}, 1)};
}

FourierPositionsImpl::FourierPositionsImpl(int channels) : three_parts_(channels % 3 == 0) {
  positional_encoding_gaussian_matrix =
      register_buffer("positional_encoding_gaussian_matrix", torch::randn({3, channels / (three_parts_ ? 3 : 2)}));
}

torch::Tensor FourierPositionsImpl::forward(const torch::Tensor& unit) const {
  const auto phase = torch::matmul(unit * 2 - 1, positional_encoding_gaussian_matrix) * (2 * std::numbers::pi);
  if (three_parts_) return torch::cat({torch::sin(phase), torch::cos(phase), torch::sin(phase)}, -1);
  return torch::cat({torch::sin(phase), torch::cos(phase)}, -1);
}

nn::Sequential mask_prompt_layers(int channels) {
  return nn::Sequential(nn::Conv3d(nn::Conv3dOptions(1, 4, 2).stride(2)), LayerNorm3d(4), nn::GELU(),
                        nn::Conv3d(nn::Conv3dOptions(4, 16, 2).stride(2)), LayerNorm3d(16), nn::GELU(),
                        nn::Conv3d(nn::Conv3dOptions(16, channels, 1)));
}

PromptEncoderImpl::PromptEncoderImpl(const NetworkConfig& c) : crop_(c.crop), grid_(c.grid()) {
  pe_layer = register_module("pe_layer", FourierPositions(c.channels));
  for (int i = 0; i < 3; ++i) point_embeddings->push_back(nn::Embedding(1, c.channels));
  register_module("point_embeddings", point_embeddings);
  not_a_point_embed = register_module("not_a_point_embed", nn::Embedding(1, c.channels));
  no_mask_embed = register_module("no_mask_embed", nn::Embedding(1, c.channels));
  refined_embed = register_module("refined_embed", nn::Embedding(1, c.channels));
  mask_downscaling = register_module("mask_downscaling", mask_prompt_layers(c.channels));
}

torch::Tensor PromptEncoderImpl::embed_points(const PromptPoints& points) {
  const auto label = [&](std::size_t i) { return point_embeddings[i]->as<nn::Embedding>()->weight.view({1, 1, -1}); };
  const auto is = [&](std::int64_t kind) { return (points.kind == kind).unsqueeze(2).to(torch::kFloat); };  // [B, T, 1]
  const auto real = (points.kind >= 0).unsqueeze(2).to(torch::kFloat);
  auto tokens = pe_layer((points.place + 0.5) / crop_) * real;
  for (std::int64_t kind = kind_negative; kind <= kind_context; ++kind) {
    tokens = tokens + is(kind) * label(static_cast<std::size_t>(kind));
  }
  tokens = tokens + points.refined.unsqueeze(2).to(torch::kFloat) * real * refined_embed->weight.view({1, 1, -1});
  return tokens + (1 - real) * not_a_point_embed->weight.view({1, 1, -1});
}

torch::Tensor PromptEncoderImpl::embed_mask(const torch::Tensor& previous, std::int64_t batch) {
  if (previous.defined()) return mask_downscaling->forward(previous);
  return no_mask_embed->weight.view({1, -1, 1, 1, 1}).expand({batch, -1, grid_, grid_, grid_});
}

torch::Tensor PromptEncoderImpl::grid_positions() {
  const auto& matrix = pe_layer->positional_encoding_gaussian_matrix;
  const auto at = (torch::arange(grid_, matrix.options()) + 0.5) / grid_;
  const auto zyx = torch::stack(torch::meshgrid({at, at, at}, "ij"), -1);  // [G, G, G, 3]
  return pe_layer(zyx).permute({3, 0, 1, 2}).unsqueeze(0);
}

}  // namespace punctum::network
