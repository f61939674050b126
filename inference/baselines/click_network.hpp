#pragma once

#include <memory>

#include "inference/baselines/architecture.hpp"
#include "inference/model/lesion_network.hpp"

namespace punctum::network {

/// What learns from clicks and answers them: the paper's network or a baseline, trained, validated and exported by the
/// same code. Of a Prediction, what an architecture does not give is undefined. One thread a network.
class ClickNetwork {
 public:
  virtual ~ClickNetwork() = default;
  virtual torch::nn::Module& module() = 0;  ///< parameters and buffers by the names that they have in files
  virtual const Architecture& architecture() const = 0;

  /// Once a crop. image: [B, 2, S, S, S], spacing_mm: [B].
  virtual Embedding encode(const torch::Tensor& image, const torch::Tensor& spacing_mm) = 0;
  /// New clicks as prompts. place: [B, N, 3] voxels (z, y, x), kind: [B, N]. @param previous as below.
  virtual PromptPoints refine(const Embedding& embedding, const torch::Tensor& place, const torch::Tensor& kind,
                              const torch::Tensor& previous) const = 0;
  /// Once a click. @param points all so far. @param previous feedback of the last answer, or undefined.
  virtual Prediction decode(const Embedding& embedding, const PromptPoints& points, const torch::Tensor& previous) = 0;
  /// Logits on the crop's grid as a mask prompt.
  virtual torch::Tensor as_prompt(const torch::Tensor& logits) const = 0;
};

/// Untrained, on the CPU. @throws ModelError for a configuration that cannot be.
std::shared_ptr<ClickNetwork> make_click_network(const Architecture& architecture);

std::int64_t parameter_count(ClickNetwork& network);

}  // namespace punctum::network
