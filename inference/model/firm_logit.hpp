#pragma once

namespace punctum::network {

/// What an earlier round's mask says of a voxel, yes or no, as a logit. Training and use must agree on it.
inline constexpr double firm_logit = 6;

}  // namespace punctum::network
