#pragma once

#include <vector>

#include "dicom/ct/pixel_form.hpp"
#include "dicom/types/bytes.hpp"
#include "dicom/types/uid.hpp"

namespace punctum {

/// JPEG 2000, which DCMTK does not decode.
bool gdcm_decodes(const Uid& transfer_syntax_uid);

/// Decodes one frame. GDCM sees only the code stream, never the data set: there is one DICOM parser in this house.
/// @return form.byte_count() bytes. @throws DicomError if the stream is damaged or holds an image of another size.
Bytes decode_with_gdcm(const std::vector<ByteView>& fragments, const Uid& transfer_syntax_uid, const PixelForm& form);

}  // namespace punctum
