#pragma once

#include "dicom/ct/pixel_decoder.hpp"
#include "dicom/types/bytes.hpp"

namespace punctum {

/// Whether two DICOM files hold the same values: the same elements with the same values in the same order of items,
/// however sequences, lengths and padding are encoded, and the same pixels in any lossless encoding that is read here
/// (one CT-like frame; everything else must agree fragment by fragment). Routers and archives re-encode what they pass
/// on; to a hospital it is the same image. What cannot be compared is not the same. @param decode unpacks pixels that
/// are packed. Any thread.
bool same_content(ByteView one, ByteView other, const PixelDecoder& decode = decode_pixels);

}  // namespace punctum
