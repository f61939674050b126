#include "dicom/dcmtk/transcode.hpp"

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
#include "dicom/types/sop_classes.hpp"

namespace punctum {
namespace {

/// No decoder here makes more of a byte, but for frames of one grey value, and those that are small are let through.
constexpr double most_unpacked_per_byte = 4096;
constexpr double always_unpacked_bytes = 4.0 * 1024 * 1024;

std::string mebibytes(std::uint64_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

}  // namespace

bool is_packed(std::string_view transfer_syntax) {
  const DcmXfer syntax(std::string(transfer_syntax).c_str());
  return syntax.getXfer() != EXS_Unknown &&
         (syntax.usesEncapsulatedFormat() || syntax.getStreamCompression() != ESC_none);
}

bool is_losslessly_decodable(std::string_view syntax) {
  constexpr std::array<std::string_view, 5> all = {
      transfer_syntax::rle_lossless, transfer_syntax::jpeg_lossless, transfer_syntax::jpeg_lossless_first_order,
      transfer_syntax::jpeg_ls_lossless, transfer_syntax::jpeg_2000_lossless};
  return std::ranges::find(all, syntax) != all.end();
}

std::uint64_t require_bounded_pixels(DcmItem& header, std::uint64_t file_bytes) {
  const auto value = [&](const DcmTagKey& tag, double otherwise) {
    const double found = read_number(header, tag).value_or(otherwise);
    if (found >= 0) return found;
    throw DicomError("cannot unpack object: " + describe(tag) + " is " + std::to_string(found));
  };
  const double bytes = value(DCM_Rows, 0) * value(DCM_Columns, 0) * value(DCM_SamplesPerPixel, 1) *
                       std::max(1.0, value(DCM_NumberOfFrames, 1)) * value(DCM_BitsAllocated, 16) / 8;
  if (!(bytes >= 0 && bytes <= static_cast<double>(most_unpacked_bytes))) {
    throw DicomError("cannot unpack object: its pixels would take more than " + mebibytes(most_unpacked_bytes));
  }
  const double most = std::max(always_unpacked_bytes, most_unpacked_per_byte * static_cast<double>(file_bytes));
  if (bytes > most) {
    throw DicomError("cannot unpack object: its header says that " + mebibytes(static_cast<std::uint64_t>(bytes)) +
                     " of pixels come out of " + std::to_string(file_bytes) + " bytes, expected at most " +
                     mebibytes(static_cast<std::uint64_t>(most)));
  }
  return static_cast<std::uint64_t>(bytes);
}

Bytes transcoded(ByteView file, std::string_view transfer_syntax) {
  const auto dataset = parse_part10(file, Extent::whole);
  const auto target = DcmXfer(std::string(transfer_syntax).c_str()).getXfer();
  if (DcmXfer(dataset->getOriginalXfer()).usesEncapsulatedFormat()) {
    require_bounded_pixels(*dataset, file.size());
    check(dataset->chooseRepresentation(EXS_LittleEndianExplicit, nullptr), "unpack the pixels of an object");
    dataset->removeAllButCurrentRepresentations();
  }
  return to_part10(*dataset, target).bytes;
}

}  // namespace punctum
