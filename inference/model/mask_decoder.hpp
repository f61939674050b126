#pragma once

#include "inference/model/attribute_head.hpp"
#include "inference/model/click_maps.hpp"
#include "inference/model/image_encoder.hpp"
#include "inference/model/two_way_transformer.hpp"

namespace punctum::network {

/// Features, skip and maps of one level, worked on together and added to the features. [B, in, n, n, n] -> same.
struct FineLevelImpl : torch::nn::Module {
  FineLevelImpl(int in, int skip, int width);
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& skip, const torch::Tensor& maps);
  torch::nn::Conv3d merge{nullptr}, out{nullptr};
  ResidualBlock3d block{nullptr};
};
TORCH_MODULE(FineLevel);

/// The fine levels of the mask head: skips from the stem, clicks as maps, and a last sharpening with the image.
struct HighResolutionImpl : torch::nn::Module {
  explicit HighResolutionImpl(const NetworkConfig& config);
  /// features: [B, c, S/2 ...], logits: [B, 1, S/2 ...], image: [B, 2, S, S, S] -> [B, 1, S, S, S] logits.
  torch::Tensor sharpen(const torch::Tensor& features, const torch::Tensor& logits, const torch::Tensor& image,
                        const ClickMaps& clicks);
  FineLevel quarter{nullptr}, half{nullptr};
  torch::nn::Conv3d sharpen_reduce{nullptr}, sharpen_mix{nullptr}, sharpen_out{nullptr};
  torch::nn::ConvTranspose3d upscale{nullptr};  // third stage, where a token is 16 voxels
  torch::Tensor logit_bias;                     // [1]
};
TORCH_MODULE(HighResolution);

struct DecodedTokens {
  torch::Tensor masks;     // [B, M, C], the mask features M
  torch::Tensor iou;       // [B, C]
  torch::Tensor all;       // [B, T, C], Z of the tokens
  torch::Tensor image;     // [B, C, G, G, G], Z of the image
  torch::Tensor features;  // [B, C/8, S/2, S/2, S/2], upscaled
};

/// Features to four times the resolution. [B, C, G, G, G] -> [B, C/8, 4 G, 4 G, 4 G]
torch::nn::Sequential mask_upscaling(int channels);
/// One MLP a mask token: what weighs the upscaled features. [B, C] -> [B, C/8]
torch::nn::ModuleList mask_hypernetworks(const NetworkConfig& config);

/// Hybrid encoding, then mask tokens against upscaled features.
struct MaskDecoderImpl : torch::nn::Module {
  explicit MaskDecoderImpl(const NetworkConfig& config);
  /// prompts: [B, T, C], dense: [B, C, G, G, G], positions: [1, C, G, G, G].
  DecodedTokens decode(const EncodedImage& image, const torch::Tensor& prompts, const torch::Tensor& dense,
                       const torch::Tensor& positions, const ClickMaps& clicks);
  torch::Tensor mask_logits(const torch::Tensor& mask_tokens, const torch::Tensor& features);  // -> [B, M, S/2 ...]
  /// numbers: [B, region_number_count] of the answer -> [B, M].
  torch::Tensor quality_logits(const torch::Tensor& iou, const torch::Tensor& numbers);

  torch::nn::Embedding iou_token{nullptr}, mask_tokens{nullptr};
  TwoWayTransformer transformer{nullptr};
  TwoWayBlock mask_layer{nullptr};
  torch::nn::Sequential output_upscaling;
  torch::nn::ModuleList output_hypernetworks_mlps;
  Mlp iou_prediction_head{nullptr}, quality_numbers{nullptr};
  HighResolution highres{nullptr};
  int patch_;
};
TORCH_MODULE(MaskDecoder);

}  // namespace punctum::network
