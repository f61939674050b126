#pragma once

#include <cstdint>
#include <functional>

#include "dicom/types/bytes.hpp"

namespace punctum {

/// Reads a file that is open: exactly `size` bytes from `offset` on. It stays readable when the file is removed
/// meanwhile. Throws StorageError if they are not there. One thread at a time.
using ReadPart = std::function<Bytes(std::uint64_t offset, std::uint64_t size)>;

}  // namespace punctum
