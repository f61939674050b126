#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "dicom/types/bytes.hpp"

class DcmItem;

namespace punctum {

/// Whether a decoder has to run before the values of an object in this syntax can be read: encapsulated pixels (PS3.5
/// A.4), or a deflated data set (A.5). Syntaxes that DCMTK does not know are not packed: nothing here unpacks them.
bool is_packed(std::string_view transfer_syntax);

/// Whether pixels in this syntax come out of a decoder as they went into the coder, and there is one here: RLE, JPEG
/// Lossless, JPEG-LS Lossless, JPEG 2000 Lossless Only. Pure.
bool is_losslessly_decodable(std::string_view transfer_syntax);

inline constexpr std::uint64_t most_unpacked_bytes = std::uint64_t{1} << 30;  ///< of pixels in one object

/// What a header says that the pixels take when they are unpacked, looked at before anything is allocated for them.
/// @param file_bytes of the whole object as it is stored. @throws DicomError above most_unpacked_bytes, or above what
/// so many bytes can hold: 4096 times as much, 4 MiB in any case. Any thread.
std::uint64_t require_bounded_pixels(DcmItem& header, std::uint64_t file_bytes);

/// The whole object as a DICOM file in Explicit or Implicit VR Little Endian: pixels are unpacked, and no value changes
/// but how colours are said to lie, where a coder had transformed them.
/// @throws DicomError if it cannot be parsed or decoded, or its pixels are not bounded as above. Any thread.
Bytes transcoded(ByteView file, std::string_view transfer_syntax);

/// Where that is done: here, or in a process of its own.
using Transcoder = std::function<Bytes(ByteView file, std::string_view transfer_syntax)>;

}  // namespace punctum
