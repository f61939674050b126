#include "node/tools/adopt_command.hpp"

#include <iostream>
#include <nlohmann/json.hpp>

namespace punctum {

int run_adopt(const AdoptOptions& options) {
  const auto model = adopt_weights(options.weights, options.folder);
  const auto folder = std::filesystem::absolute(options.folder).lexically_normal().string();
  if (options.json) {
    std::cout << nlohmann::json{{"model", folder},
                                {"kind", model.is_program ? "torchscript" : "sammed3d"},
                                {"sha256", model.digest.hex},
                                {"crop", model.crop}}
                     .dump(2)
              << "\n";
    return 0;
  }
  std::cout << "adopted " << model.name << " (" << model.crop << " voxels a side) as " << folder << "\n";
  if (!model.is_program) return 0;
  const nlohmann::json inference{{"model", folder}, {"scripts", {model.digest.hex}}};
  std::cout << "A node runs it once its configuration says\n  \"inference\": " << inference.dump()
            << "\nA TorchScript program can do whatever the node can: list it only if you trust who made it.\n";
  return 0;
}

}  // namespace punctum
