#include "dicom/ct/pixel_decoder.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcelem.h>
#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcxfer.h>

#include <string>

#include "dicom/ct/code_stream_head.hpp"
#include "dicom/dcmtk/check.hpp"
#include "dicom/dcmtk/fragments.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "dicom/dcmtk/transcode.hpp"
#include "dicom/types/error.hpp"

namespace punctum {
namespace {

ByteView pixels_of(DcmElement& element, const PixelForm& form) {
  const std::size_t length = element.getLength();
  const std::size_t expected = form.byte_count();
  if (length != expected && length != expected + expected % 2) {
    throw DicomError("cannot read pixels: Pixel Data has " + std::to_string(length) + " bytes, expected " +
                     std::to_string(expected) + " for " + std::to_string(form.columns) + " x " +
                     std::to_string(form.rows) + " pixels of " + std::to_string(form.bits_allocated) + " bits");
  }
  const void* values = nullptr;
  Uint16* words = nullptr;
  Uint8* octets = nullptr;
  if (element.getUint16Array(words).good()) {
    values = words;
  } else {
    check(element.getUint8Array(octets), "read Pixel Data");
    values = octets;
  }
  if (values == nullptr) throw DicomError("cannot read pixels: Pixel Data is empty");
  return {static_cast<const std::byte*>(values), expected};
}

DcmElement& require_pixel_data(DcmDataset& dataset) {
  DcmElement* element = nullptr;
  if (dataset.findAndGetElement(DCM_PixelData, element).bad() || element == nullptr) {
    throw DicomError("cannot read pixels: the image has no Pixel Data (7fe0,0010)");
  }
  return *element;
}

std::vector<ByteView> fragments_of(DcmDataset& dataset) {
  auto* pixel_data = dynamic_cast<DcmPixelData*>(&require_pixel_data(dataset));
  DcmPixelSequence* sequence = nullptr;
  if (pixel_data == nullptr) throw DicomError("cannot read pixels: Pixel Data has an unusable form");
  E_TransferSyntax syntax = EXS_Unknown;
  const DcmRepresentationParameter* parameter = nullptr;
  pixel_data->getOriginalRepresentationKey(syntax, parameter);
  check(pixel_data->getEncapsulatedRepresentation(syntax, parameter, sequence), "read encapsulated Pixel Data");
  return fragments_in(*sequence);
}

}  // namespace

Bytes decode_pixels(ByteView part10, const PixelForm& form) {
  const auto transfer_syntax_uid = locate_dataset(part10).transfer_syntax_uid;
  const auto dataset = parse_part10(part10, Extent::whole);
  require_bounded_pixels(*dataset, part10.size());
  require_pixel_data(*dataset);
  if (DcmXfer(dataset->getOriginalXfer()).usesEncapsulatedFormat()) {
    require_same_size(fragments_of(*dataset), transfer_syntax_uid.str(), form);
    check(dataset->chooseRepresentation(EXS_LittleEndianExplicit, nullptr),
          "decode pixels of transfer syntax " + transfer_syntax_uid.str());
  }
  const auto pixels = pixels_of(require_pixel_data(*dataset), form);
  return {pixels.begin(), pixels.end()};
}

StoredPixels stored_pixels(ByteView part10, DcmDataset& dataset, const PixelForm& form, const PixelDecoder& decode) {
  if (!is_packed(locate_dataset(part10).transfer_syntax_uid.str())) {
    return {{}, pixels_of(require_pixel_data(dataset), form)};
  }
  StoredPixels pixels{decode(part10, form), {}};
  pixels.bytes = pixels.owned;
  return pixels;
}

}  // namespace punctum
