#pragma once

#include <filesystem>
#include <string>

#include "inference/training/train.hpp"

namespace punctum {

struct ExportOptions {
  std::string version = "0";
  std::string licence = "Apache-2.0";  ///< SPDX expression of the weights
  int evaluation_crops = 100;          ///< phantoms of the seeds from 900000 on, for the manifest's numbers
};

/// Writes weights.safetensors and manifest.json of a checkpoint's averaged weights. @throws ModelError, StorageError.
void export_checkpoint(const std::filesystem::path& checkpoint, const std::filesystem::path& folder,
                       const ExportOptions& options, const TrainLog& log);

}  // namespace punctum
