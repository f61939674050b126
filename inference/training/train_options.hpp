#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace punctum {

/// How simulated readers click during training (paper, section 2; model.md 1.6).
struct ClickOptions {
  std::vector<double> count_shares{0.4, 0.28, 0.16, 0.1, 0.06};  ///< of samples with 1, 2, ... clicks
  double flawed_start_share = 0.25;  ///< steps that begin with a mask of an earlier round and a click that corrects it
  double firm_prompt_share = 0.3;    ///< masks fed back as yes and no, as from an earlier round, instead of as logits
};

/// What counts how much (model.md 1.6). The paper's own loss of masks, Dice alone, is `cross_entropy` 0.
struct LossOptions {
  double dice = 1;             ///< of 1 - Dice; where the truth is empty, of the marked volume's logarithm
  double cross_entropy = 1;    ///< binary, over the crop, and once more within the lesion
  double beside_clicks = 0.3;  ///< of errors near a click
  double candidates = 0.2;     ///< of the best of the other mask tokens
  double label_smoothing = 0.05;
  double label_balance = 0;  ///< rare labels count more: by frequency to the power of minus this; 0.5: 1 / sqrt
  double quality = 0.3;      ///< of the estimated IoU's squared error
  double attribute_share =
      0.35;  ///< of the attributes' loss in the whole: the mask must stand before it can be described
  double attribute_weight = 0;  ///< a fixed one instead of the adaptive; 0: adaptive
};

/// Everything that a training depends on besides its data; with them it makes the same weights again (CPU).
struct TrainOptions {
  std::string size = "compact";  ///< "tiny", "compact" or "base"
  std::string variant = "full";  ///< "vanilla", "refinement", "synergy" or "full", as in the paper's tables, or a
                                 ///< baseline of theirs: "unet" (masks) or "cnn" (attributes)
  std::map<std::string, double> network;  ///< hyper-parameters by name whose values are not those of size and variant
  std::uint64_t seed = 1;
  std::int64_t steps = 8000;        ///< in all, those before a resume included
  std::int64_t decay_steps = 3000;  ///< the last ones, over which the learning rate falls to nothing
  std::int64_t warmup_steps = 300;
  int batch = 4;     ///< crops a replica and step
  int replicas = 1;  ///< threads that each compute the gradients of a batch; a step takes their mean
  double learning_rate = 1e-3;
  double weight_decay = 0.05;
  double ema = 0.999;  ///< memory of the averaged weights, which are the ones that are kept
  std::string device = "auto";
  std::string precision = "float32";  ///< or "bfloat16": of matrix products and convolutions
  int workers = 1;                    ///< threads that make crops; how many bears on nothing but the pace
  double checkpoint_minutes = 5;
  std::int64_t validate_every = 500;  ///< steps
  int validation_crops = 40;          ///< of every source
  std::int64_t pool_crops = 1200;
  double uses_per_crop = 6;
  ClickOptions clicks;
  LossOptions losses;
  std::vector<std::string>
      only;  ///< beginnings of the names of what learns, the rest stays as it is; empty: all learns
  std::filesystem::path initial;  ///< weights to start from: tensors of the same name and shape are taken; or empty

  /// @throws ConfigError naming the field, what was found and what was expected.
  void check() const;
};

/// For the manifest: what bears on the weights; device and pace are left out.
void to_json(nlohmann::json& json, const TrainOptions& options);

}  // namespace punctum
