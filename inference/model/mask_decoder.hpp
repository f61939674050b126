#pragma once

#include "inference/model/attribute_head.hpp"
#include "inference/model/click_maps.hpp"
#include "inference/model/image_encoder.hpp"
#include "inference/model/two_way_transformer.hpp"

namespace punctum::network {

/// The fine levels of the mask head: skips from the stem, clicks as maps, and a last sharpening with the image.
struct HighResolutionImpl : torch::nn::Module {
  explicit HighResolutionImpl(const NetworkConfig& config);
  torch::Tensor at_quarter(const torch::Tensor& x, const EncodedImage& image, const ClickMaps& clicks);
  torch::Tensor at_half(const torch::Tensor& x, const EncodedImage& image, const ClickMaps& clicks);
  /// features: [B, c, S/2 ...], logits: [B, 1, S/2 ...], image: [B, 2, S, S, S] -> [B, 1, S, S, S] logits.
  torch::Tensor sharpen(const torch::Tensor& features, const torch::Tensor& logits, const torch::Tensor& image,
                        const ClickMaps& clicks);
  torch::nn::Conv3d skip_quarter{nullptr}, skip_half{nullptr}, maps_quarter{nullptr}, maps_half{nullptr};
  ResidualBlock3d block_quarter{nullptr}, block_half{nullptr};
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

/// Hybrid encoding, then mask tokens against upscaled features.
struct MaskDecoderImpl : torch::nn::Module {
  explicit MaskDecoderImpl(const NetworkConfig& config);
  /// prompts: [B, T, C], dense: [B, C, G, G, G], positions: [1, C, G, G, G].
  DecodedTokens decode(const EncodedImage& image, const torch::Tensor& prompts, const torch::Tensor& dense,
                       const torch::Tensor& positions, const ClickMaps& clicks);
  torch::Tensor mask_logits(const torch::Tensor& mask_tokens, const torch::Tensor& features);  // -> [B, M, S/2 ...]
  torch::Tensor quality_logits(const torch::Tensor& iou) { return iou_prediction_head(iou); }  // -> [B, M]

  torch::nn::Embedding iou_token{nullptr}, mask_tokens{nullptr};
  TwoWayTransformer transformer{nullptr};
  TwoWayBlock mask_layer{nullptr};
  torch::nn::Sequential output_upscaling;
  torch::nn::ModuleList output_hypernetworks_mlps;
  Mlp iou_prediction_head{nullptr};
  HighResolution highres{nullptr};
  int patch_;
};
TORCH_MODULE(MaskDecoder);

}  // namespace punctum::network
