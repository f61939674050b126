#pragma once

#include <filesystem>
#include <memory>

#include "inference/model/answering_network.hpp"
#include "inference/model/manifest.hpp"

namespace punctum {

/// What a manifest names, with its weights, ready to answer: our network, SAM-Med3D's, or a TorchScript program.
/// @throws ModelError for weights that do not fit.
std::shared_ptr<network::AnsweringNetwork> load_network(const Manifest& manifest, const std::filesystem::path& weights,
                                                        torch::Device device);

}  // namespace punctum
