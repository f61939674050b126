#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "dicom/ct/pixel_form.hpp"
#include "dicom/types/bytes.hpp"

namespace punctum {

/// Compares what the head of a compressed image says of its size with what the data set says, before a decoder takes
/// memory for it: JPEG (ITU-T T.81 B.2.2), JPEG-LS (T.87 C.2.2) and JPEG 2000 (T.800 A.5.1). Other syntaxes carry no
/// size of their own.
/// @param fragments of one frame, in order. @throws DicomError naming both sizes if they differ, if the stream holds
/// more than one component or more than 4096 tiles, or if no such head is found. Pure; any thread.
void require_same_size(const std::vector<ByteView>& fragments, std::string_view transfer_syntax, const PixelForm& form);

}  // namespace punctum
