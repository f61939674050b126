#pragma once

#include <torch/script.h>
#include <filesystem>

#include "dicom/types/digest.hpp"
#include "inference/model/answering_network.hpp"
#include "inference/model/script_contract.hpp"

namespace punctum::network {

/// A TorchScript program as a network. It has two methods, S being the crop's side and places voxels (z, y, x):
///
///   encode(x: Tensor[B, 2, S, S, S]) -> List[Tensor]            x by the rule of hu_rule_name
///   decode(kept: List[Tensor], points: Tensor[B, N, 3], labels: Tensor[B, N] (1 inside, 0 outside),
///          previous: Tensor[B, 1, S, S, S]) -> Tuple[Tensor[B, 1, S, S, S], Tensor[B, K], Tensor[B, 13]]
///
/// logits of the mask, logits of its estimated IoU, logits of the attributes; `previous` are the logits of the last
/// answer, zeros before the first. What comes back is checked, but a program can do anything that this process can:
/// who loads one has compared its digest with a list of those that are allowed.
class ScriptedNetwork final : public AnsweringNetwork {
 public:
  /// @param digest of the program, which was compared with those that are allowed: the very bytes that have it are run.
  /// @throws ModelError if it cannot be read, has changed meanwhile, or lacks one of the methods.
  ScriptedNetwork(const std::filesystem::path& program, const Digest& digest, ScriptContract contract,
                  torch::Device device);

  int crop() const override { return contract_.crop; }
  const std::vector<double>& spacings_mm() const override { return contract_.spacings_mm; }
  double detail_mm() const override { return 0; }
  /// @throws ModelError, as decode does, for what the program throws and for answers of another form.
  Embedding encode(const torch::Tensor& image, const torch::Tensor& spacing_mm) override;
  Prediction decode(const Embedding& embedding, const PromptPoints& points, const torch::Tensor& previous) override;
  torch::Tensor as_prompt(const torch::Tensor& logits) const override { return logits; }

 private:
  ScriptContract contract_;
  torch::jit::Module program_;
};

}  // namespace punctum::network
