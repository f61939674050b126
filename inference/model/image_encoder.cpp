#include "inference/model/image_encoder.hpp"

#include <algorithm>
#include <cmath>

namespace punctum::network {

namespace nn = torch::nn;

CubeAttentionImpl::CubeAttentionImpl(int width, int heads, int side) : heads_(heads), side_(side) {
  qkv = register_module("qkv", nn::Linear(width, 3 * width));
  proj = register_module("proj", nn::Linear(width, width));
  rel_pos_d = register_parameter("rel_pos_d", torch::zeros({2 * side - 1, width / heads}));
  rel_pos_h = register_parameter("rel_pos_h", torch::zeros({2 * side - 1, width / heads}));
  rel_pos_w = register_parameter("rel_pos_w", torch::zeros({2 * side - 1, width / heads}));
  const auto at = torch::arange(side);
  distance_ = at.unsqueeze(1) - at.unsqueeze(0) + (side - 1);
}

torch::Tensor CubeAttentionImpl::forward(const torch::Tensor& x) {
  const auto batch = x.size(0), s = x.size(1), n = s * s * s, width = x.size(4), head = width / heads_;
  const auto parts = qkv(x.view({batch, n, width})).view({batch, n, 3, heads_, head}).permute({2, 0, 3, 1, 4});
  const auto q = parts[0].reshape({batch * heads_, n, head});
  const auto k = parts[1].reshape({batch * heads_, n, head});
  const auto v = parts[2].reshape({batch * heads_, n, head});
  auto attention = torch::bmm(q * (1.0 / std::sqrt(static_cast<double>(head))), k.transpose(1, 2));  // [B h, N, N]

  // The place of a key relative to its query adds q . R(distance), one term an axis.
  const auto cube = q.view({batch * heads_, s, s, s, head});
  const auto index = distance_.to(x.device());
  const auto axis = [&](const torch::Tensor& table, const char* equation) {
    const auto rows = table.index_select(0, index.flatten()).view({s, s, head});
    return torch::einsum(equation, {cube, rows});
  };
  const auto by_d = axis(rel_pos_d, "bdhwc,dkc->bdhwk");  // [B h, D, H, W, S]
  const auto by_h = axis(rel_pos_h, "bdhwc,hkc->bdhwk");
  const auto by_w = axis(rel_pos_w, "bdhwc,wkc->bdhwk");
  const auto hw = (by_h.unsqueeze(5) + by_w.unsqueeze(4)).unsqueeze(4);  // [B h, D, H, W, 1, S, S]
  attention = attention.view({batch * heads_, s, s, s, s, s, s}) + by_d.unsqueeze(5).unsqueeze(6) + hw;
  attention = torch::softmax(attention.view({batch * heads_, n, n}), /*dim=*/-1);

  const auto joined =
      torch::bmm(attention, v).view({batch, heads_, n, head}).transpose(1, 2).reshape({batch, n, width});
  return proj(joined).view({batch, s, s, s, width});
}

EncoderBlockImpl::EncoderBlockImpl(int width, int heads, int mlp_ratio, int grid, int window)
    : norm1(register_module("norm1", layer_norm(width))),
      norm2(register_module("norm2", layer_norm(width))),
      attn(register_module("attn", CubeAttention(width, heads, window > 0 ? window : grid))),
      mlp(register_module("mlp", FeedForward(width, width * mlp_ratio, /*gelu=*/true))),
      window_(window) {}

torch::Tensor EncoderBlockImpl::forward(const torch::Tensor& x) {
  const auto normed = norm1(x);
  if (window_ == 0) {
    const auto y = x + attn(normed);
    return y + mlp(norm2(y));
  }
  const auto y = x + attend_in_windows(normed);
  return y + mlp(norm2(y));
}

torch::Tensor EncoderBlockImpl::attend_in_windows(const torch::Tensor& x) {
  const auto batch = x.size(0), grid = x.size(1), width = x.size(4), w = std::int64_t{window_};
  const auto n = (grid + w - 1) / w, side = n * w, spare = side - grid;
  const auto filled = spare == 0 ? x : torch::constant_pad_nd(x, {0, 0, 0, spare, 0, spare, 0, spare});
  // [B, n, w, n, w, n, w, W] <-> [B n n n, w, w, w, W]
  const auto windows =
      filled.view({batch, n, w, n, w, n, w, width}).permute({0, 1, 3, 5, 2, 4, 6, 7}).reshape({-1, w, w, w, width});
  const auto attended = attn(windows)
                            .view({batch, n, n, n, w, w, w, width})
                            .permute({0, 1, 4, 2, 5, 3, 6, 7})
                            .reshape({batch, side, side, side, width});
  return attended.narrow(1, 0, grid).narrow(2, 0, grid).narrow(3, 0, grid);
}

StemImpl::StemImpl(int in, int channels)
    : half(register_module("half", conv3(in, channels, /*stride=*/2))),
      quarter(register_module("quarter", conv3(channels, 2 * channels, /*stride=*/2))),
      half_norm(register_module("half_norm", nn::GroupNorm(nn::GroupNormOptions(8, channels)))),
      quarter_norm(register_module("quarter_norm", nn::GroupNorm(nn::GroupNormOptions(8, 2 * channels)))),
      half_block(register_module("half_block", ResidualBlock3d(channels, channels / 2))),
      quarter_block(register_module("quarter_block", ResidualBlock3d(2 * channels, channels))) {}

std::pair<torch::Tensor, torch::Tensor> StemImpl::forward(const torch::Tensor& image) {
  const auto at_half = half_block(torch::gelu(half_norm(convolve(*half, image))));
  return {at_half, quarter_block(torch::gelu(quarter_norm(convolve(*quarter, at_half))))};
}

nn::ModuleList encoder_blocks(const NetworkConfig& c) {
  nn::ModuleList blocks;
  for (int i = 0; i < c.depth; ++i) {
    const bool global = std::find(c.global_blocks.begin(), c.global_blocks.end(), i) != c.global_blocks.end();
    blocks->push_back(EncoderBlock(c.width, c.heads, c.mlp_ratio, c.grid(), global ? 0 : c.window));
  }
  return blocks;
}

nn::Sequential encoder_neck(const NetworkConfig& c) {
  return nn::Sequential(nn::Conv3d(nn::Conv3dOptions(c.width, c.channels, 1).bias(false)), LayerNorm3d(c.channels),
                        nn::Conv3d(nn::Conv3dOptions(c.channels, c.channels, 3).padding(1).bias(false)),
                        LayerNorm3d(c.channels));
}

ImageEncoderImpl::ImageEncoderImpl(const NetworkConfig& c) : from_stem_(c.stem == "conv") {
  stem = register_module("stem", Stem(c.input_channels, c.stem_channels));
  const int in = from_stem_ ? 2 * c.stem_channels : c.input_channels;
  const int stride = from_stem_ ? c.patch / 4 : c.patch;
  patch_embed = register_module("patch_embed", nn::ModuleDict());
  patch_embed->update(std::vector<std::pair<std::string, std::shared_ptr<nn::Module>>>{
      {"proj", nn::Conv3d(nn::Conv3dOptions(in, c.width, stride).stride(stride)).ptr()}});
  pos_embed = register_parameter("pos_embed", torch::randn({1, c.grid(), c.grid(), c.grid(), c.width}) * 0.02);
  spacing_embed = register_module("spacing_embed", nn::Linear(1, c.width));
  blocks = register_module("blocks", encoder_blocks(c));
  neck = register_module("neck", encoder_neck(c));
}

EncodedImage ImageEncoderImpl::forward(const torch::Tensor& image, const torch::Tensor& spacing_mm) {
  const auto [half, quarter] = stem->forward(image);
  auto* proj = patch_embed["proj"]->as<nn::Conv3d>();
  auto x = proj->forward(from_stem_ ? quarter : image).permute({0, 2, 3, 4, 1}).contiguous();  // [B, G, G, G, W]
  const auto scale = torch::log2(spacing_mm / 1.5).unsqueeze(1);                               // [B, 1]
  x = x + pos_embed + spacing_embed(scale).view({-1, 1, 1, 1, x.size(4)});
  for (const auto& block : *blocks) x = block->as<EncoderBlock>()->forward(x);
  x = pointwise(*neck[0]->as<nn::Conv3d>(), x.permute({0, 4, 1, 2, 3}).contiguous());
  x = convolve(*neck[2]->as<nn::Conv3d>(), neck[1]->as<LayerNorm3d>()->forward(x));
  return {neck[3]->as<LayerNorm3d>()->forward(x), quarter, half};
}

}  // namespace punctum::network
