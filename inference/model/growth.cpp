#include "inference/model/growth.hpp"

namespace punctum::network {

torch::Tensor grown_along(const torch::Tensor& t, std::int64_t axis) {
  const auto rest = t.size(axis) - 1;
  auto more = t.clone();
  auto before = more.narrow(axis, 0, rest), behind = more.narrow(axis, 1, rest);
  before.copy_(torch::maximum(before, t.narrow(axis, 1, rest)));
  behind.copy_(torch::maximum(behind, t.narrow(axis, 0, rest)));
  return more;
}

torch::Tensor grown(torch::Tensor t) {
  for (std::int64_t axis = -3; axis < 0; ++axis) t = grown_along(t, axis);
  return t;
}

torch::Tensor shrunk(const torch::Tensor& t) { return grown(t.logical_not()).logical_not(); }

}  // namespace punctum::network
