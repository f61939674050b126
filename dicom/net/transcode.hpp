#pragma once

#include <string_view>

#include "dicom/types/bytes.hpp"

namespace punctum {

/// Whether pixels in this syntax come out of a decoder as they went into the coder, and DCMTK has that decoder: RLE,
/// JPEG Lossless, JPEG-LS Lossless. Pure.
bool is_losslessly_decodable(std::string_view transfer_syntax);

/// The whole object as a DICOM file in Explicit or Implicit VR Little Endian: no value changes, pixels are unpacked.
/// @throws DicomError if it cannot be parsed or decoded, or would take more than 1 GiB unpacked. Any thread.
Bytes transcoded(ByteView file, std::string_view transfer_syntax);

}  // namespace punctum
