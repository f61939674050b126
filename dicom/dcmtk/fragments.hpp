#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dicom/types/bytes.hpp"

class DcmPixelSequence;

namespace punctum {

/// The fragments of encapsulated pixels in order, without the offset table (PS3.5 A.4); views into the sequence.
/// @throws DicomError if one cannot be read. In one walk: DCMTK walks to each that it is asked for by number.
std::vector<ByteView> fragments_in(DcmPixelSequence& sequence);

/// The code stream that these fragments are pieces of, or its first `at_most` bytes.
Bytes joined(std::span<const ByteView> fragments, std::size_t at_most = SIZE_MAX);

}  // namespace punctum
