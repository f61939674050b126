#include "inference/model/device.hpp"

#include "dicom/types/error.hpp"

namespace punctum::network {

torch::Device device_named(const std::string& name) {
  if (name == "cpu") return torch::kCPU;
  if (name != "auto" && name != "cuda")
    throw ModelError("cannot use device '" + name + "': expected auto, cpu or cuda");
  if (torch::cuda::is_available()) return torch::kCUDA;
  if (name == "cuda") throw ModelError("cannot use device 'cuda': this LibTorch offers none");
  return torch::kCPU;
}

}  // namespace punctum::network
