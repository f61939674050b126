#include "dicom/net/transcode.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcxfer.h>

#include <algorithm>
#include <array>
#include <string>

#include "dicom/dcmtk/check.hpp"
#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "dicom/types/error.hpp"

namespace punctum {
namespace {

constexpr double kMostUnpackedBytes = 1024.0 * 1024 * 1024;

/// What a header claims is looked at before anything is allocated for it.
void require_bounded(DcmDataset& dataset) {
  const auto value = [&](const DcmTagKey& tag, double otherwise) {
    return read_number(dataset, tag).value_or(otherwise);
  };
  const double bytes = value(DCM_Rows, 0) * value(DCM_Columns, 0) * value(DCM_SamplesPerPixel, 1) *
                       value(DCM_NumberOfFrames, 1) * value(DCM_BitsAllocated, 16) / 8;
  if (!(bytes >= 0 && bytes <= kMostUnpackedBytes)) {
    throw DicomError("cannot unpack object: its pixels would take more than 1 GiB");
  }
}

}  // namespace

bool is_losslessly_decodable(std::string_view syntax) {
  constexpr std::array<std::string_view, 4> all = {"1.2.840.10008.1.2.5",      // RLE Lossless
                                                   "1.2.840.10008.1.2.4.57",   // JPEG Lossless
                                                   "1.2.840.10008.1.2.4.70",   // JPEG Lossless, Selection Value 1
                                                   "1.2.840.10008.1.2.4.80"};  // JPEG-LS Lossless
  return std::ranges::find(all, syntax) != all.end();
}

Bytes transcoded(ByteView file, std::string_view transfer_syntax) {
  const auto dataset = parse_part10(file, Extent::whole);
  const auto target = DcmXfer(std::string(transfer_syntax).c_str()).getXfer();
  if (DcmXfer(dataset->getOriginalXfer()).usesEncapsulatedFormat()) {
    require_bounded(*dataset);
    check(dataset->chooseRepresentation(EXS_LittleEndianExplicit, nullptr), "unpack the pixels of an object");
    dataset->removeAllButCurrentRepresentations();
  }
  return to_part10(*dataset, target).bytes;
}

}  // namespace punctum
