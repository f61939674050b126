#pragma once

#include "inference/model/answering_network.hpp"
#include "inference/model/prompt_encoder.hpp"
#include "inference/model/safetensors.hpp"
#include "inference/model/two_way_transformer.hpp"

namespace punctum::network {

/// SAM-Med3D's image encoder: one patch, one token; blocks as ours, whose windows are filled up with zeros.
struct SamImageEncoderImpl : torch::nn::Module {
  explicit SamImageEncoderImpl(const NetworkConfig& config);
  torch::Tensor forward(const torch::Tensor& image);  // [B, 1, S, S, S] -> [B, C, G, G, G]
  torch::nn::ModuleDict patch_embed;
  torch::Tensor pos_embed;  // [1, G, G, G, W]
  torch::nn::ModuleList blocks;
  torch::nn::Sequential neck;
};
TORCH_MODULE(SamImageEncoder);

/// Its prompts: two kinds of click, always followed by a token that is none; the mask so far.
struct SamPromptEncoderImpl : torch::nn::Module {
  explicit SamPromptEncoderImpl(const NetworkConfig& config);
  torch::Tensor embed_points(const torch::Tensor& place,
                             const torch::Tensor& kind);  // [B, T, 3], [B, T] -> [B, T + 1, C]
  torch::Tensor grid_positions();                         // [1, C, G, G, G]
  FourierPositions pe_layer{nullptr};
  torch::nn::ModuleList point_embeddings;  // negative, positive
  torch::nn::Embedding not_a_point_embed{nullptr}, no_mask_embed{nullptr};
  torch::nn::Sequential mask_downscaling;
  int crop_, grid_;
};
TORCH_MODULE(SamPromptEncoder);

/// Its mask decoder: logits of every mask token at a quarter of the resolution, and the estimated IoU of each.
struct SamMaskDecoderImpl : torch::nn::Module {
  explicit SamMaskDecoderImpl(const NetworkConfig& config);
  /// image, dense: [B, C, G, G, G], prompts: [B, T, C], positions: [1, C, G, G, G] -> { [B, M, S/4 ...], [B, M] }.
  std::pair<torch::Tensor, torch::Tensor> forward(const torch::Tensor& image, const torch::Tensor& dense,
                                                  const torch::Tensor& prompts, const torch::Tensor& positions);
  torch::nn::Embedding iou_token{nullptr}, mask_tokens{nullptr};
  TwoWayTransformer transformer{nullptr};
  torch::nn::Sequential output_upscaling;
  torch::nn::ModuleList output_hypernetworks_mlps;
  Mlp iou_prediction_head{nullptr};
};
TORCH_MODULE(SamMaskDecoder);

/// SAM-Med3D (uni-medical/SAM-Med3D, vit_b_ori) under its own parameter names, so that its weights load as they are.
/// Its quirks are kept, because the weights were trained with them: windows filled up with zeros that are attended to,
/// grid positions in another order of axes than those of clicks, zeros as the first mask, and images that lie as in
/// RAS: axes (x, y, z), the first two against ours. It names no attributes, and its IoU head was never trained.
struct SamMed3dImpl : torch::nn::Module, AnsweringNetwork {
  explicit SamMed3dImpl(const NetworkConfig& config);

  int crop() const override { return config_.crop; }
  const std::vector<double>& spacings_mm() const override { return config_.spacings_mm; }
  double detail_mm() const override { return 0; }
  Embedding encode(const torch::Tensor& image, const torch::Tensor& spacing_mm) override;
  Prediction decode(const Embedding& embedding, const PromptPoints& points, const torch::Tensor& previous) override;
  torch::Tensor as_prompt(const torch::Tensor& logits) const override;

 private:
  NetworkConfig config_;
  SamImageEncoder image_encoder{nullptr};
  SamPromptEncoder prompt_encoder{nullptr};
  SamMaskDecoder mask_decoder{nullptr};
};
TORCH_MODULE(SamMed3d);

/// The sizes of weights in its naming, read from their shapes; the decoder's eight heads cannot be and are assumed.
/// @throws ModelError naming the first tensor that is missing or has another number of axes.
NetworkConfig sammed3d_config_of(const WeightsFile& weights);

}  // namespace punctum::network
