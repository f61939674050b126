#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "dicom/types/digest.hpp"
#include "inference/model/network_config.hpp"

namespace punctum {

/// What stands beside the weights: everything that is needed to use them rightly and to say where they come from.
struct Manifest {
  std::string name;
  std::string version;
  std::string licence;           ///< SPDX expression of the weights
  std::string use = "research";  ///< "commercial" or "research": what the licences of the training data leave open
  NetworkConfig architecture;
  std::vector<double> temperatures;  ///< one an attribute; logits are divided by it before the soft-max
  /// One an attribute: an answer with less probability is not to be relied on; 0: all.
  std::vector<double> abstain_below;
  /// Logits above it are lesion. Chosen on lesions kept for that: training for Dice marks too much at 0.
  double mask_level = 0;
  bool attributes_trained = true;
  bool mask_quality_trained = true;  ///< false: the IoU head says nothing worth repeating
  std::string weights_file = "weights.safetensors";
  Digest weights_digest;
  nlohmann::json training;  ///< statement, seed, command, steps
  nlohmann::json metrics;   ///< on held-out phantoms
};

/// Strict: unknown formats, HU rules, axis orders, architectures or vocabularies are refused, because the numbers would
/// then mean something else. @throws ModelError naming the file and the field.
Manifest read_manifest(const std::filesystem::path& path);
/// @throws StorageError.
void write_manifest(const std::filesystem::path& path, const Manifest& manifest);

}  // namespace punctum
