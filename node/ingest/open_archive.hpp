#pragma once

#include <memory>

#include "config/config.hpp"
#include "storage/archive.hpp"

namespace punctum {

/// The archive of a configuration, as the node and `punctum import` open it; logs what the start found. @throws
/// StorageError
std::unique_ptr<Archive> open_archive(const Config& config);

}  // namespace punctum
