#pragma once

#include <cstdint>
#include <functional>

#include "dicom/types/bytes.hpp"

namespace punctum {

/// What a worker is asked to do with a file. The numbers go over the wire.
enum class Task : std::uint32_t {
  stored_pixels = 1,              ///< of one single-frame grey image: dicom/ct/pixel_decoder.hpp
  explicit_vr_little_endian = 2,  ///< the whole object in that syntax: dicom/dcmtk/transcode.hpp
  implicit_vr_little_endian = 3,
};

/// Does it, in this process. @throws DicomError, Refusal, std::bad_alloc. Any thread.
Bytes perform(Task task, ByteView file);

using Perform = std::function<Bytes(Task task, ByteView file)>;

}  // namespace punctum
