#include "inference/adopt.hpp"

#include <nlohmann/json.hpp>
#include <variant>

#include "dicom/findings/lesion_report.hpp"
#include "dicom/types/error.hpp"
#include "inference/load_network.hpp"
#include "inference/model/sammed3d.hpp"
#include "inference/training/licence_class.hpp"

namespace punctum {
namespace {

namespace fs = std::filesystem;

bool is_program(const fs::path& file) {
  const auto ending = file.extension();
  if (ending == ".pt" || ending == ".ts") return true;
  if (ending == ".safetensors") return false;
  throw ConfigError("cannot adopt " + file.string() + ": found a file ending in \"" + ending.string() +
                    "\", expected .safetensors (SAM-Med3D's tensors) or .pt or .ts (a TorchScript program)");
}

std::variant<NetworkConfig, ScriptContract> architecture_of(const ForeignWeights& weights) {
  if (!is_program(weights.file)) return network::sammed3d_config_of(read_safetensors(weights.file));
  ScriptContract contract;
  contract.crop = weights.crop;
  contract.spacings_mm = weights.spacings_mm;
  contract.check();
  return contract;
}

Manifest manifest_of(const ForeignWeights& weights) {
  if (weights.use == "commercial" && forbids_selling(weights.licence)) {
    throw ConfigError("cannot adopt " + weights.file.string() + ": found use \"commercial\" and licence \"" +
                      weights.licence + "\", which forbids it");
  }
  Manifest manifest;
  manifest.architecture = architecture_of(weights);
  const bool program = manifest.script() != nullptr;
  manifest.name = !weights.name.empty() ? weights.name : program ? weights.file.stem().string() : "sam-med3d";
  manifest.version = weights.version;
  manifest.licence = weights.licence;
  manifest.use = weights.use;
  manifest.mask_level = weights.mask_level;
  manifest.temperatures.assign(attribute_count, 1);
  manifest.abstain_below.assign(attribute_count, 0);
  manifest.attributes_trained = program && weights.attributes;
  manifest.mask_quality_trained = false;
  manifest.weights_file = program ? "program.pt" : "weights.safetensors";
  manifest.weights_digest = sha256_of_file(weights.file);
  const std::string unknown = "Weights from elsewhere; nothing is known of their training.";
  manifest.training = {{"statement", weights.statement.empty() ? unknown : weights.statement}};
  manifest.metrics = nlohmann::json::object();
  return manifest;
}

void copy_into(const fs::path& folder, const fs::path& file, const std::string& name) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error) fs::copy_file(file, folder / name, error);
  if (!error) return;
  throw StorageError("cannot copy " + file.string() + " to " + (folder / name).string() + ": " + error.message());
}

}  // namespace

AdoptedModel adopt_weights(const ForeignWeights& weights, const fs::path& folder) {
  if (fs::exists(folder / "manifest.json")) {
    throw ConfigError("cannot adopt weights into " + folder.string() + ": it holds a model already");
  }
  const auto manifest = manifest_of(weights);
  const bool program = manifest.script() != nullptr;
  if (!program) load_network(manifest, weights.file, torch::kCPU);
  copy_into(folder, weights.file, manifest.weights_file);
  write_manifest(folder / "manifest.json", manifest);  // last: without it the folder is no model
  return {manifest.name, manifest.weights_digest, manifest.crop(), program};
}

}  // namespace punctum
