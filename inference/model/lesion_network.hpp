#pragma once

#include "inference/model/answering_network.hpp"
#include "inference/model/attribute_head.hpp"
#include "inference/model/mask_decoder.hpp"
#include "inference/model/point_refiner.hpp"

namespace punctum::network {

/// The whole network of the paper: encoder, prompt encoder with refinement, hybrid encoding, two heads, synergy.
struct LesionNetworkImpl : torch::nn::Module, AnsweringNetwork {
  explicit LesionNetworkImpl(const NetworkConfig& config);

  int crop() const override { return config_.crop; }
  const std::vector<double>& spacings_mm() const override { return config_.spacings_mm; }
  double detail_mm() const override { return config_.detail_mm; }
  Embedding encode(const torch::Tensor& image, const torch::Tensor& spacing_mm) override;
  /// Adds what refinement finds around new clicks.
  PromptPoints refine(const Embedding& embedding, const torch::Tensor& place, const torch::Tensor& kind,
                      const torch::Tensor& previous) const override;
  Prediction decode(const Embedding& embedding, const PromptPoints& points, const torch::Tensor& previous) override;
  torch::Tensor as_prompt(const torch::Tensor& logits) const override;

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
