#pragma once

#include <memory>

#include "config/config.hpp"
#include "dicom/ct/pixel_decoder.hpp"
#include "storage/archive.hpp"

namespace punctum {

/// The archive of a configuration, as the node and `punctum import` open it; logs what the start found.
/// @param decode unpacks the pixels of an instance that comes again in another encoding. @throws StorageError
std::unique_ptr<Archive> open_archive(const Config& config, const PixelDecoder& decode = decode_pixels);

}  // namespace punctum
