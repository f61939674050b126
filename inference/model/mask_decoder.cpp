#include "inference/model/mask_decoder.hpp"

#include "inference/model/region_numbers.hpp"

namespace punctum::network {

namespace nn = torch::nn;

namespace {

constexpr int sharpen_channels = 7, sharpen_hidden = 16;  // with image and clicks 32, which vector units like

nn::ConvTranspose3d double_size(int in, int out) {
  return nn::ConvTranspose3d(nn::ConvTranspose3dOptions(in, out, 2).stride(2));
}

/// Each 2³ block of voxels becomes 8 channels: [B, c, 2n, 2n, 2n] -> [B, 8 c, n, n, n].
torch::Tensor space_to_depth(const torch::Tensor& x) {
  const auto b = x.size(0), c = x.size(1), n = x.size(2) / 2;
  return x.view({b, c, n, 2, n, 2, n, 2}).permute({0, 1, 3, 5, 7, 2, 4, 6}).reshape({b, 8 * c, n, n, n});
}

torch::Tensor depth_to_space(const torch::Tensor& x) {  // [B, 8, n, n, n] -> [B, 1, 2n, 2n, 2n]
  const auto b = x.size(0), n = x.size(2);
  return x.view({b, 2, 2, 2, n, n, n}).permute({0, 4, 1, 5, 2, 6, 3}).reshape({b, 1, 2 * n, 2 * n, 2 * n});
}

torch::Tensor twice(const torch::Tensor& x) {
  namespace F = torch::nn::functional;
  return F::interpolate(x, F::InterpolateFuncOptions()
                               .scale_factor(std::vector<double>{2, 2, 2})
                               .mode(torch::kTrilinear)
                               .align_corners(false));
}

}  // namespace

FineLevelImpl::FineLevelImpl(int in, int skip, int width)
    : merge(register_module("merge", conv1(in + skip + ClickMaps::channels, width))),
      out(register_module("out", conv1(width, in))),
      block(register_module("block", ResidualBlock3d(width, width))) {}

torch::Tensor FineLevelImpl::forward(const torch::Tensor& x, const torch::Tensor& skip, const torch::Tensor& maps) {
  const auto merged = pointwise(*merge, torch::cat({x, skip, maps}, 1));
  return x + pointwise(*out, torch::gelu(block(merged)));
}

HighResolutionImpl::HighResolutionImpl(const NetworkConfig& c) {
  const int fine = c.channels / 8, coarse = c.patch == 8 ? c.channels / 4 : fine;
  quarter = register_module("quarter", FineLevel(coarse, 2 * c.stem_channels, c.quarter_channels));
  half = register_module("half", FineLevel(fine, c.stem_channels, c.half_channels));
  sharpen_reduce = register_module("sharpen_reduce", conv1(fine, sharpen_channels));
  sharpen_mix = register_module("sharpen_mix", conv3(sharpen_channels + 8 * c.input_channels + 8 + 1, sharpen_hidden));
  sharpen_out = register_module("sharpen_out", conv1(sharpen_hidden, 8));
  torch::nn::init::zeros_(sharpen_out->weight);
  torch::nn::init::zeros_(sharpen_out->bias);
  if (c.patch == 16) upscale = register_module("upscale", double_size(fine, fine));
  logit_bias = register_parameter("logit_bias", torch::full({1}, -3.0));
}

torch::Tensor HighResolutionImpl::sharpen(const torch::Tensor& features, const torch::Tensor& logits,
                                          const torch::Tensor& image, const ClickMaps& clicks) {
  const auto seen = torch::cat(
      {pointwise(*sharpen_reduce, features), space_to_depth(image), space_to_depth(clicks.likeness), logits}, 1);
  return twice(logits) + depth_to_space(pointwise(*sharpen_out, torch::gelu(convolve(*sharpen_mix, seen))));
}

nn::Sequential mask_upscaling(int channels) {
  return nn::Sequential(double_size(channels, channels / 4), LayerNorm3d(channels / 4), nn::GELU(),
                        double_size(channels / 4, channels / 8), nn::GELU());
}

nn::ModuleList mask_hypernetworks(const NetworkConfig& c) {
  nn::ModuleList mlps;
  for (int i = 0; i < c.mask_tokens; ++i) mlps->push_back(Mlp(c.channels, c.channels, c.channels / 8, 3));
  return mlps;
}

MaskDecoderImpl::MaskDecoderImpl(const NetworkConfig& c) : patch_(c.patch) {
  iou_token = register_module("iou_token", nn::Embedding(1, c.channels));
  mask_tokens = register_module("mask_tokens", nn::Embedding(c.mask_tokens, c.channels));
  transformer = register_module("transformer", TwoWayTransformer(c));
  mask_layer = register_module("mask_layer", TwoWayBlock(c.channels, c.decoder_heads, c.decoder_mlp, /*first=*/false));
  output_upscaling = register_module("output_upscaling", mask_upscaling(c.channels));
  output_hypernetworks_mlps = register_module("output_hypernetworks_mlps", mask_hypernetworks(c));
  const int quality_hidden = c.channels >= 384 ? 256 : c.channels;
  iou_prediction_head = register_module("iou_prediction_head", Mlp(c.channels, quality_hidden, c.mask_tokens, 3));
  quality_numbers = register_module("quality_numbers", Mlp(region_number_count, c.channels / 2, c.channels, 2));
  highres = register_module("highres", HighResolution(c));
}

DecodedTokens MaskDecoderImpl::decode(const EncodedImage& image, const torch::Tensor& prompts,
                                      const torch::Tensor& dense, const torch::Tensor& positions,
                                      const ClickMaps& clicks) {
  const auto batch = image.tokens.size(0), channels = image.tokens.size(1), grid = image.tokens.size(2);
  const auto own = torch::cat({iou_token->weight, mask_tokens->weight}, 0).unsqueeze(0).expand({batch, -1, -1});
  const auto tokens = torch::cat({own, prompts}, 1);                    // [B, 1 + M + T, C]
  const auto keys = (image.tokens + dense).flatten(2).transpose(1, 2);  // [B, N, C]
  const auto places = positions.flatten(2).transpose(1, 2);             // [1, N, C]
  auto [z, z_image] = transformer->forward(tokens, keys, places);

  // The mask head's own layer: mask tokens alone against the image that has seen the prompts.
  const auto count = mask_tokens->weight.size(0);
  const auto start = tokens.narrow(1, 1, count);
  auto [masks, keyed] = mask_layer->forward(z.narrow(1, 1, count), z_image, start, places);
  const auto cube = keyed.transpose(1, 2).reshape({batch, channels, grid, grid, grid});

  auto x =
      output_upscaling[1]->as<LayerNorm3d>()->forward(output_upscaling[0]->as<nn::ConvTranspose3d>()->forward(cube));
  auto* second = output_upscaling[3]->as<nn::ConvTranspose3d>();
  if (patch_ == 8) {
    x = second->forward(torch::gelu(highres->quarter(x, image.quarter, clicks.quarter)));
  } else {
    x = second->forward(torch::gelu(x));
    x = highres->upscale(torch::gelu(highres->quarter(x, image.quarter, clicks.quarter)));
  }
  return {masks, z.select(1, 0), z, cube, torch::gelu(highres->half(x, image.half, clicks.half))};
}

torch::Tensor MaskDecoderImpl::quality_logits(const torch::Tensor& iou, const torch::Tensor& numbers) {
  return iou_prediction_head(iou + quality_numbers(numbers));
}

torch::Tensor MaskDecoderImpl::mask_logits(const torch::Tensor& tokens, const torch::Tensor& features) {
  std::vector<torch::Tensor> weights;  // one [B, C/8] a mask
  for (std::int64_t i = 0; i < tokens.size(1); ++i) {
    weights.push_back(output_hypernetworks_mlps[static_cast<std::size_t>(i)]->as<Mlp>()->forward(tokens.select(1, i)));
  }
  const auto n = features.size(2);
  const auto logits = torch::bmm(torch::stack(weights, 1), features.flatten(2)) + highres->logit_bias;  // [B, M, n³]
  return logits.view({features.size(0), -1, n, n, n});
}

}  // namespace punctum::network
