#include "node/tools/adopt_command.hpp"

#include <iostream>

#include "dicom/findings/lesion_report.hpp"
#include "dicom/types/error.hpp"
#include "inference/load_network.hpp"
#include "inference/model/sammed3d.hpp"

namespace punctum {
namespace {

namespace fs = std::filesystem;

bool is_program(const fs::path& weights) {
  const auto ending = weights.extension();
  if (ending == ".pt" || ending == ".ts") return true;
  if (ending == ".safetensors") return false;
  throw ConfigError("cannot adopt " + weights.string() + ": found a file ending in \"" + ending.string() +
                    "\", expected .safetensors (SAM-Med3D's tensors) or .pt or .ts (a TorchScript program)");
}

std::variant<NetworkConfig, ScriptContract> architecture_of(const AdoptOptions& options) {
  if (!is_program(options.weights)) return network::sammed3d_config_of(read_safetensors(options.weights));
  ScriptContract contract;
  contract.crop = options.crop;
  contract.spacings_mm = options.spacings_mm;
  contract.check();
  return contract;
}

Manifest manifest_of(const AdoptOptions& options) {
  Manifest manifest;
  manifest.architecture = architecture_of(options);
  const bool program = manifest.script() != nullptr;
  manifest.name = !options.name.empty() ? options.name : program ? options.weights.stem().string() : "sam-med3d";
  manifest.version = options.version;
  manifest.licence = options.licence;
  manifest.use = options.use;
  manifest.mask_level = options.mask_level;
  manifest.temperatures.assign(attribute_count, 1);
  manifest.abstain_below.assign(attribute_count, 0);
  manifest.attributes_trained = program && options.attributes;
  manifest.mask_quality_trained = false;
  manifest.weights_file = program ? "program.pt" : "weights.safetensors";
  manifest.weights_digest = sha256_of_file(options.weights);
  const std::string unknown = "Weights from elsewhere; nothing is known of their training.";
  manifest.training = {{"statement", options.statement.empty() ? unknown : options.statement}};
  manifest.metrics = nlohmann::json::object();
  return manifest;
}

void tell(const AdoptOptions& options, const Manifest& manifest) {
  const bool program = manifest.script() != nullptr;
  if (options.json) {
    std::cout << nlohmann::json{{"model", options.folder.string()},
                                {"kind", program ? "torchscript" : "sammed3d"},
                                {"sha256", manifest.weights_digest.hex},
                                {"crop", manifest.crop()}}
                     .dump(2)
              << "\n";
    return;
  }
  std::cout << "adopted " << manifest.name << " (" << manifest.crop() << " voxels a side) as " << options.folder.string()
            << "\n";
  if (!program) return;
  std::cout << "A node runs it once its configuration says\n  \"inference\": {\"model\": \"" << options.folder.string()
            << "\", \"scripts\": [\"" << manifest.weights_digest.hex
            << "\"]}\nA TorchScript program can do whatever the node can: list it only if you trust who made it.\n";
}

}  // namespace

int run_adopt(const AdoptOptions& options) {
  const auto manifest = manifest_of(options);
  if (manifest.script() == nullptr) load_network(manifest, options.weights, torch::kCPU);
  fs::create_directories(options.folder);
  fs::copy_file(options.weights, options.folder / manifest.weights_file, fs::copy_options::overwrite_existing);
  write_manifest(options.folder / "manifest.json", manifest);
  tell(options, manifest);
  return 0;
}

}  // namespace punctum
