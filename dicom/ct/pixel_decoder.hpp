#pragma once

#include "dicom/ct/pixel_form.hpp"
#include "dicom/types/bytes.hpp"
#include "dicom/types/uid.hpp"

class DcmDataset;

namespace punctum {

/// The stored values of one image, whatever its transfer syntax: DCMTK decodes what it can (uncompressed, deflated,
/// RLE, JPEG, JPEG-LS), OpenJPEG the rest (JPEG 2000).
/// @param dataset whole; may be changed to its uncompressed representation. @param form as its header says.
/// @return exactly form.byte_count() bytes in the machine's byte order. @throws DicomError
Bytes decode_pixels(DcmDataset& dataset, const Uid& transfer_syntax_uid, const PixelForm& form);

}  // namespace punctum
