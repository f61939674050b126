#include "inference/load_network.hpp"

#include "inference/model/lesion_network.hpp"
#include "inference/model/network_weights.hpp"
#include "inference/model/sammed3d.hpp"
#include "inference/model/scripted_network.hpp"

namespace punctum {
namespace {

template <class Network>
std::shared_ptr<network::AnsweringNetwork> with_weights(std::shared_ptr<Network> made,
                                                        const std::filesystem::path& weights, torch::Device device) {
  network::assign_weights(*made, read_safetensors(weights));
  made->eval();
  made->to(device);
  return made;
}

}  // namespace

std::shared_ptr<network::AnsweringNetwork> load_network(const Manifest& manifest, const std::filesystem::path& weights,
                                                        torch::Device device) {
  if (const auto* script = manifest.script()) {
    return std::make_shared<network::ScriptedNetwork>(weights, manifest.weights_digest, *script, device);
  }
  const auto& config = *manifest.network();
  if (config.sammed3d_compat) return with_weights(std::make_shared<network::SamMed3dImpl>(config), weights, device);
  return with_weights(std::make_shared<network::LesionNetworkImpl>(config), weights, device);
}

}  // namespace punctum
