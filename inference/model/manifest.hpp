#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dicom/types/digest.hpp"
#include "inference/model/network_config.hpp"
#include "inference/model/script_contract.hpp"

namespace punctum {

/// What stands beside the weights: everything that is needed to use them rightly and to say where they come from.
struct Manifest {
  std::string name;
  std::string version;
  std::string licence;           ///< SPDX expression of the weights
  std::string use = "research";  ///< "commercial" or "research": what the licences of the training data leave open
  /// Our network or SAM-Med3D's, or what a TorchScript program keeps to.
  std::variant<NetworkConfig, ScriptContract> architecture;
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

  const NetworkConfig* network() const { return std::get_if<NetworkConfig>(&architecture); }
  const ScriptContract* script() const { return std::get_if<ScriptContract>(&architecture); }
  int crop() const;
  const std::vector<int>& attribute_groups() const;
  /// From HU to the network's input: one rule, but for SAM-Med3D's weights.
  std::string_view hu_rule() const;
};

/// Strict: unknown formats, HU rules, axis orders, architectures or vocabularies are refused, because the numbers would
/// then mean something else. @throws ModelError naming the file and the field.
Manifest read_manifest(const std::filesystem::path& path);
/// @throws StorageError.
void write_manifest(const std::filesystem::path& path, const Manifest& manifest);

}  // namespace punctum
