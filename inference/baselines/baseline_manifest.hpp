#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "dicom/types/digest.hpp"
#include "inference/baselines/architecture.hpp"

namespace punctum {

/// What stands beside the weights of a baseline: what can be measured with them and where they come from. Its format is
/// not that of a model, so that a node refuses it.
struct BaselineManifest {
  BaselineConfig architecture;
  std::string version;
  std::string licence;  ///< SPDX expression of the weights
  std::string use = "research";
  std::vector<double> temperatures;  ///< one an attribute
  std::vector<double> abstain_below;
  Digest weights_digest;  ///< of weights.safetensors beside it
  nlohmann::json training, metrics;
};

/// Whether the folder holds a baseline and not a model. @throws ModelError without a manifest that is JSON.
bool holds_baseline(const std::filesystem::path& folder);
/// @throws ModelError naming the file and what is wrong with it.
BaselineManifest read_baseline_manifest(const std::filesystem::path& path);
/// @throws StorageError.
void write_baseline_manifest(const std::filesystem::path& path, const BaselineManifest& manifest);

}  // namespace punctum
