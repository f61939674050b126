#pragma once

#include <functional>

#include "dicom/ct/pixel_form.hpp"
#include "dicom/types/bytes.hpp"

class DcmDataset;

namespace punctum {

/// Unpacks the pixels of one image in a packed transfer syntax (dicom/dcmtk/transcode.hpp).
/// @param part10 the whole file. @param form as its header says. @return form.byte_count() bytes in the machine's byte
/// order. @throws DicomError. Any thread.
using PixelDecoder = std::function<Bytes(ByteView part10, const PixelForm& form)>;

/// The same in this process, by DCMTK (deflated, RLE, JPEG, JPEG-LS) and OpenJPEG behind it (JPEG 2000). Both are large
/// and read hostile bytes: where a crash matters, give another process (dicom/decoding). Any thread.
Bytes decode_pixels(ByteView part10, const PixelForm& form);

/// The numbers of one image as they are stored, form.byte_count() bytes in the machine's byte order.
struct StoredPixels {
  Bytes owned;     ///< empty where the data set holds them
  ByteView bytes;  ///< lives as long as both
};

/// The stored values of one image, whatever its transfer syntax.
/// @param part10 the whole file. @param dataset parsed from it: whole, or only its header where its syntax is packed.
/// @param decode for packed syntaxes. @throws DicomError
StoredPixels stored_pixels(ByteView part10, DcmDataset& dataset, const PixelForm& form, const PixelDecoder& decode);

}  // namespace punctum
