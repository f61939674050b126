#pragma once

#include <vector>

#include "dicom/ct/pixel_form.hpp"
#include "dicom/types/bytes.hpp"
#include "dicom/types/uid.hpp"

namespace punctum {

/// JPEG 2000 (PS3.5 A.4.4), which DCMTK does not decode.
bool is_jpeg_2000(const Uid& transfer_syntax_uid);

/// Decodes one frame.
/// @param fragments of its code stream, in order. @return form.byte_count() bytes in the machine's byte order.
/// @throws DicomError if the stream is damaged, or holds another image than the header says: that is found out before
/// anything is allocated for it. Any thread.
Bytes decode_jpeg_2000(const std::vector<ByteView>& fragments, const PixelForm& form);

}  // namespace punctum
