#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "dicom/ct/pixel_form.hpp"
#include "dicom/types/bytes.hpp"

namespace punctum {

/// Compares what the head of a compressed image says of its size with what the data set says, before a decoder takes
/// memory for it: JPEG (ITU-T T.81 B.2.2) and JPEG-LS (T.87 C.2.2). Of other syntaxes it says nothing: JPEG 2000 is
/// looked at where it is decoded (dcmtk/jpeg_2000), and RLE carries no size of its own.
/// @param fragments of one frame, in order. @throws DicomError naming both sizes if they differ, if the stream holds
/// more than one component, or if no such head is found. Pure; any thread.
void require_same_size(const std::vector<ByteView>& fragments, std::string_view transfer_syntax, const PixelForm& form);

}  // namespace punctum
