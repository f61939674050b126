#pragma once

#include <filesystem>
#include <string>

#include "inference/training/train.hpp"

namespace punctum {

struct ExportOptions {
  std::string version = "0";
  std::string licence{};        ///< SPDX expression of the weights; empty: licence_of_weights of their data
  double mask_level = 0;        ///< for the manifest: logits above it are lesion
  bool mask_quality = true;     ///< for the manifest: whether the estimate of a mask's quality is worth telling
  int evaluation_crops = 100;   ///< phantoms of the seeds from 900000 on, for the manifest's numbers; 0: none
  int calibration_crops = 150;  ///< phantoms that temperatures are fitted on; 0: they stay 1
};

/// Writes weights.safetensors and manifest.json of a checkpoint's averaged weights; of a baseline a manifest that no
/// node takes (inference/baselines). @throws ModelError, StorageError.
void export_checkpoint(const std::filesystem::path& checkpoint, const std::filesystem::path& folder,
                       const ExportOptions& options, const TrainLog& log);

}  // namespace punctum
