#pragma once

#include <cstddef>
#include <span>

#include "dicom/types/bytes.hpp"

namespace punctum {

/// What a header says of one frame that a JPEG 2000 code stream holds (PS3.5 A.4.4).
struct CodeStreamForm {
  std::size_t rows = 0, columns = 0;
  std::size_t samples_per_pixel = 1;
  unsigned bits_allocated = 16;  ///< 8 or 16

  std::size_t byte_count() const { return rows * columns * samples_per_pixel * (bits_allocated / 8); }
};

inline constexpr std::size_t jpeg_2000_head_bytes = 42;  ///< SOC and SIZ up to the number of components

/// Compares the head of a code stream (T.800 A.5.1) with what a header says of its image. @throws DicomError naming
/// both where they differ, or if it is cut into more than 4096 tiles. Takes no memory. Any thread.
void require_jpeg_2000_form(ByteView code_stream, const CodeStreamForm& form);

/// Decodes one frame with OpenJPEG; DCMTK does not. Colours that were transformed for the code stream come back as RGB.
/// @param pixels at least byte_count() bytes, the samples of a pixel together (Planar Configuration 0), in the
/// machine's byte order. @throws DicomError if the stream is damaged, or is not of that form, which is looked at first.
/// Any thread.
void decode_jpeg_2000(Bytes code_stream, const CodeStreamForm& form, std::span<std::byte> pixels);

}  // namespace punctum
