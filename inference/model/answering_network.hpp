#pragma once

#include <vector>

#include "inference/model/image_encoder.hpp"
#include "inference/model/prompt_encoder.hpp"

namespace punctum::network {

/// A crop, encoded once; every click after that starts here.
struct Embedding {
  torch::Tensor image;       // [B, 2, S, S, S]; one channel for SAM-Med3D's network
  torch::Tensor spacing_mm;  // [B]
  EncodedImage encoded;
  std::vector<torch::Tensor> scripted{};  // what a TorchScript program keeps of a crop, in its own terms
};

/// What a network does not give is undefined.
struct Prediction {
  torch::Tensor logits;      // [B, 1, S, S, S], the mask; > 0 is lesion
  torch::Tensor candidates;  // [B, M, S/2, S/2, S/2], logits of all mask tokens; of foreign networks of other sizes
  torch::Tensor quality;     // [B, M] logits of the estimated IoU
  torch::Tensor attributes;  // [B, 13] logits, group after group
  torch::Tensor feedback;    // [B, 1, 4 G, 4 G, 4 G], the mask prompt of the next click
};

/// What answers clicks in a crop: the paper's network, a baseline, or one from elsewhere. One thread a network.
class AnsweringNetwork {
 public:
  virtual ~AnsweringNetwork() = default;
  virtual int crop() const = 0;                                ///< S, voxels a side
  virtual const std::vector<double>& spacings_mm() const = 0;  ///< at which it looks for lesions, finest first
  virtual double detail_mm() const = 0;                        ///< at which it looks closer at small ones; 0: never

  /// Once a crop. image: [B, 2, S, S, S], spacing_mm: [B].
  virtual Embedding encode(const torch::Tensor& image, const torch::Tensor& spacing_mm) = 0;
  /// New clicks as prompts; as they are, where a network adds nothing. place: [B, N, 3] voxels (z, y, x), kind: [B, N].
  /// @param previous as below.
  virtual PromptPoints refine(const Embedding& embedding, const torch::Tensor& place, const torch::Tensor& kind,
                              const torch::Tensor& previous) const;
  /// Once a click. @param points all so far. @param previous feedback of the last answer, or undefined.
  virtual Prediction decode(const Embedding& embedding, const PromptPoints& points, const torch::Tensor& previous) = 0;
  /// Logits on the crop's grid as a mask prompt.
  virtual torch::Tensor as_prompt(const torch::Tensor& logits) const = 0;
};

inline PromptPoints AnsweringNetwork::refine(const Embedding&, const torch::Tensor& place, const torch::Tensor& kind,
                                             const torch::Tensor&) const {
  return {place, kind, torch::zeros_like(kind, torch::kBool)};
}

}  // namespace punctum::network
