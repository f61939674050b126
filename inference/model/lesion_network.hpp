#pragma once

#include "inference/model/attribute_head.hpp"
#include "inference/model/mask_decoder.hpp"
#include "inference/model/point_refiner.hpp"

namespace punctum::network {

/// A crop, encoded once; every click after that starts here.
struct Embedding {
  torch::Tensor image;       // [B, 2, S, S, S]
  torch::Tensor spacing_mm;  // [B]
  EncodedImage encoded;
};

struct Prediction {
  torch::Tensor logits;      // [B, 1, S, S, S], the mask; > 0 is lesion
  torch::Tensor candidates;  // [B, M, S/2, S/2, S/2], logits of all mask tokens
  torch::Tensor quality;     // [B, M] logits of the estimated IoU
  torch::Tensor attributes;  // [B, 13] logits, group after group
  torch::Tensor feedback;    // [B, 1, 4 G, 4 G, 4 G], the mask prompt of the next click
};

/// The whole network of the paper: encoder, prompt encoder with refinement, hybrid encoding, two heads, synergy.
struct LesionNetworkImpl : torch::nn::Module {
  explicit LesionNetworkImpl(const NetworkConfig& config);

  Embedding encode(const torch::Tensor& image, const torch::Tensor& spacing_mm);
  /// Adds what refinement finds around new clicks. place: [B, N, 3] voxels (z, y, x), kind: [B, N].
  PromptPoints refine(const Embedding& embedding, const torch::Tensor& place, const torch::Tensor& kind,
                      const torch::Tensor& previous) const;
  /// @param previous [B, 1, 4 G, ...] logits of the last answer, or undefined at the first click.
  Prediction decode(const Embedding& embedding, const PromptPoints& points, const torch::Tensor& previous);
  /// Logits on the crop's grid to the size of a mask prompt.
  torch::Tensor as_prompt(const torch::Tensor& logits) const;

  const NetworkConfig& config() const { return config_; }
  std::int64_t parameter_count() const;

 private:
  NetworkConfig config_;
  PointRefiner refiner_;
  ImageEncoder image_encoder{nullptr};
  PromptEncoder prompt_encoder{nullptr};
  MaskDecoder mask_decoder{nullptr};
  AttributeHead attribute_head{nullptr};
  Synergy synergy{nullptr};
};
TORCH_MODULE(LesionNetwork);

}  // namespace punctum::network
