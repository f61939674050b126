#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace punctum {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;

}  // namespace punctum
