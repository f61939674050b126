#pragma once

#include "inference/model/image_encoder.hpp"
#include "inference/model/prompt_encoder.hpp"

namespace punctum::network {

/// Refines clicks by clustering features around them (paper, eq. 1 and 2). The window N(p) is a lattice in
/// millimetres, because a token is as large as a lesion; features are interpolated onto it. Every click keeps its own
/// token; each cluster adds its representative, with the click's label where the cluster is the click's own or alike,
/// and as context otherwise. No parameters, no gradient.
class PointRefiner {
 public:
  explicit PointRefiner(const NetworkConfig& config) : config_(config) {}

  /// @param place [B, N, 3] voxels (z, y, x). @param kind [B, N], negative, positive or padding.
  /// @param previous [B, 1, 4 G, ...] logits or undefined; a small lesion gets a small window.
  /// @return N (1 + k) points a sample, click by click; N if refinement is switched off.
  PromptPoints refine(const EncodedImage& image, const torch::Tensor& spacing_mm, const torch::Tensor& place,
                      const torch::Tensor& kind, const torch::Tensor& previous) const;

 private:
  NetworkConfig config_;
};

}  // namespace punctum::network
