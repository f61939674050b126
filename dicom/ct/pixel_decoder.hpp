#pragma once

#include "dicom/ct/pixel_form.hpp"
#include "dicom/types/bytes.hpp"
#include "dicom/types/uid.hpp"

class DcmDataset;

namespace punctum {

/// The numbers of one image as they are stored, form.byte_count() bytes in the machine's byte order.
struct StoredPixels {
  Bytes owned;     ///< empty where the data set holds them
  ByteView bytes;  ///< lives as long as both
};

/// The stored values of one image, whatever its transfer syntax: DCMTK decodes what it can (uncompressed, deflated,
/// RLE, JPEG, JPEG-LS), OpenJPEG the rest (JPEG 2000).
/// @param dataset whole; may be changed to its uncompressed representation. @param form as its header says.
/// @throws DicomError
StoredPixels decode_pixels(DcmDataset& dataset, const Uid& transfer_syntax_uid, const PixelForm& form);

}  // namespace punctum
