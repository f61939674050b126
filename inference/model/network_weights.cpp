#include "inference/model/network_weights.hpp"

#include <set>
#include <sstream>

#include "dicom/types/error.hpp"

namespace punctum::network {
namespace {

std::vector<std::pair<std::string, torch::Tensor>> tensors_of(const torch::nn::Module& network) {
  std::vector<std::pair<std::string, torch::Tensor>> all;
  for (const auto& item : network.named_parameters()) all.emplace_back(item.key(), item.value());
  for (const auto& item : network.named_buffers()) all.emplace_back(item.key(), item.value());
  return all;
}

std::string shape_text(c10::IntArrayRef shape) {
  std::ostringstream text;
  text << shape;
  return text.str();
}

}  // namespace

WeightsFile weights_of(const torch::nn::Module& network) {
  WeightsFile file;
  for (const auto& [name, tensor] : tensors_of(network)) {
    const auto flat = tensor.detach().to(torch::kCPU, torch::kFloat).contiguous();
    const float* values = flat.data_ptr<float>();
    file.tensors[name] = {tensor.sizes().vec(), std::vector<float>(values, values + flat.numel())};
  }
  return file;
}

void assign_weights(torch::nn::Module& network, const WeightsFile& weights) {
  torch::NoGradGuard no_grad;
  const auto wanted = tensors_of(network);
  for (const auto& [name, tensor] : wanted) {
    const auto found = weights.tensors.find(name);
    if (found == weights.tensors.end()) throw ModelError("cannot load weights: tensor '" + name + "' is missing");
    const auto& stored = found->second;
    if (tensor.sizes() != c10::IntArrayRef(stored.shape)) {
      throw ModelError("cannot load weights: tensor '" + name + "' has shape " + shape_text(stored.shape) +
                       ", expected " + shape_text(tensor.sizes()));
    }
    auto target = tensor;
    target.copy_(torch::tensor(c10::ArrayRef<float>(stored.values)).view(stored.shape));
  }
  if (weights.tensors.size() == wanted.size()) return;
  std::set<std::string> known;
  for (const auto& [name, tensor] : wanted) known.insert(name);
  for (const auto& [name, tensor] : weights.tensors) {
    if (!known.contains(name))
      throw ModelError("cannot load weights: tensor '" + name + "' is unknown to the architecture");
  }
}

int assign_matching_weights(torch::nn::Module& network, const WeightsFile& weights) {
  torch::NoGradGuard no_grad;
  int count = 0;
  for (const auto& [name, tensor] : tensors_of(network)) {
    const auto found = weights.tensors.find(name);
    if (found == weights.tensors.end() || tensor.sizes() != c10::IntArrayRef(found->second.shape)) continue;
    auto target = tensor;
    target.copy_(torch::tensor(c10::ArrayRef<float>(found->second.values)).view(found->second.shape));
    ++count;
  }
  return count;
}

}  // namespace punctum::network
