#pragma once

#include <ATen/autocast_mode.h>
#include <torch/torch.h>

namespace punctum::network {

/// While it lives, this thread's matrix products and convolutions on the device work in bfloat16, if that is wanted;
/// what else does is for Torch's autocast to say, device by device. What the network measures keeps 32 bits.
class MixedPrecision {
 public:
  MixedPrecision(torch::Device device, bool wanted) : type_(device.type()), wanted_(wanted) {
    if (!wanted_) return;
    at::autocast::increment_nesting();
    at::autocast::set_autocast_dtype(type_, torch::kBFloat16);
    at::autocast::set_autocast_enabled(type_, true);
  }
  ~MixedPrecision() {
    if (!wanted_) return;
    at::autocast::set_autocast_enabled(type_, false);
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  }
  MixedPrecision(const MixedPrecision&) = delete;
  MixedPrecision& operator=(const MixedPrecision&) = delete;

 private:
  torch::DeviceType type_;
  bool wanted_;
};

/// While it lives, this thread works in the precision of what it is given, whatever MixedPrecision says.
class FullPrecision {
  c10::impl::ExcludeDispatchKeyGuard guard_{c10::autocast_dispatch_keyset};
};

}  // namespace punctum::network
