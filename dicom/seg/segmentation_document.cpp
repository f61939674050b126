#include "dicom/seg/segmentation_document.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcpixel.h>

#include "dicom/dcmtk/check.hpp"
#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "dicom/seg/bit_packing.hpp"
#include "dicom/types/error.hpp"
#include "dicom/types/sop_classes.hpp"

namespace punctum {
namespace {

[[noreturn]] void refuse(const std::string& found, const std::string& expected) {
  throw DicomError("cannot read a segmentation: found " + found + ", expected " + expected);
}

void require_binary(DcmDataset& dataset) {
  const auto sop_class = require_uid(dataset, DCM_SOPClassUID).str();
  if (sop_class != sop_class::segmentation_storage) {
    refuse("SOP class " + sop_class, "Segmentation Storage " + std::string(sop_class::segmentation_storage));
  }
  const auto type = read_text(dataset, DCM_SegmentationType).value_or("none");
  if (type != "BINARY") refuse("Segmentation Type " + type, "BINARY");
  const auto bits = read_number(dataset, DCM_BitsAllocated).value_or(0);
  if (bits != 1) refuse(std::to_string(static_cast<int>(bits)) + " bits allocated", "1");
}

int require_size(DcmDataset& dataset, const DcmTagKey& tag) {
  const auto size = static_cast<int>(require_numbers(dataset, tag, 1).front());
  if (size < 1) refuse(describe(tag) + " = 0", "at least 1");
  return size;
}

std::vector<SegmentEntry> read_segments(DcmDataset& dataset) {
  const Utf8Reader utf8(dataset);
  std::vector<SegmentEntry> segments;
  for (auto* item : read_items(dataset, DCM_SegmentSequence)) {
    segments.push_back({.number = static_cast<int>(require_numbers(*item, DCM_SegmentNumber, 1).front()),
                        .label = utf8.read(*item, DCM_SegmentLabel).value_or(""),
                        .tracking_id = utf8.read(*item, DCM_TrackingID).value_or(""),
                        .tracking_uid = read_uid(*item, DCM_TrackingUID),
                        .algorithm = utf8.read(*item, DCM_SegmentAlgorithmName).value_or("")});
  }
  return segments;
}

/// The first item of a functional group macro: the frame's own, else the one shared by all frames.
DcmItem* macro(DcmItem& frame, DcmItem* shared, const DcmTagKey& sequence) {
  const auto own = read_items(frame, sequence);
  if (!own.empty()) return own.front();
  if (shared == nullptr) return nullptr;
  const auto common = read_items(*shared, sequence);
  return common.empty() ? nullptr : common.front();
}

std::optional<SlicePlane> read_plane(DcmItem& frame, DcmItem* shared, int rows, int columns) {
  auto* position = macro(frame, shared, DCM_PlanePositionSequence);
  auto* orientation = macro(frame, shared, DCM_PlaneOrientationSequence);
  auto* measures = macro(frame, shared, DCM_PixelMeasuresSequence);
  if (position == nullptr || orientation == nullptr || measures == nullptr) return std::nullopt;
  const auto p = require_numbers(*position, DCM_ImagePositionPatient, 3);
  const auto o = require_numbers(*orientation, DCM_ImageOrientationPatient, 6);
  const auto s = require_numbers(*measures, DCM_PixelSpacing, 2);
  return SlicePlane{{p[0], p[1], p[2]}, {o[0], o[1], o[2]}, {o[3], o[4], o[5]}, s[1], s[0], columns, rows};
}

std::vector<Uid> read_sources(DcmItem& frame, DcmItem* shared) {
  std::vector<Uid> sources;
  auto* derivation = macro(frame, shared, DCM_DerivationImageSequence);
  if (derivation == nullptr) return sources;
  for (auto* image : read_items(*derivation, DCM_SourceImageSequence)) {
    if (const auto uid = read_uid(*image, DCM_ReferencedSOPInstanceUID)) sources.push_back(*uid);
  }
  return sources;
}

int read_segment_number(DcmItem& frame, DcmItem* shared, std::size_t index) {
  auto* identification = macro(frame, shared, DCM_SegmentIdentificationSequence);
  const auto number =
      identification == nullptr ? std::nullopt : read_number(*identification, DCM_ReferencedSegmentNumber);
  if (!number) refuse("frame " + std::to_string(index + 1) + " without Referenced Segment Number", "one");
  return static_cast<int>(*number);
}

/// Compressed one-bit pixels are rare, and no two toolkits agree on their bit order.
void require_native(const Uid& syntax) {
  if (transfer_syntax::is_uncompressed(syntax.str())) return;
  refuse(
      "compressed Pixel Data (" + std::string(DcmXfer(syntax.str().c_str()).getXferName()) + " " + syntax.str() + ")",
      "packed bits without compression");
}

/// The packed bits in the order of the standard, whichever value representation carried them.
std::vector<std::uint8_t> read_bits(DcmDataset& dataset) {
  DcmElement* element = nullptr;
  if (dataset.findAndGetElement(DCM_PixelData, element).bad()) refuse("no Pixel Data", "packed bits");
  const auto length = static_cast<std::size_t>(element->getLength());
  Uint8* bytes = nullptr;
  if (element->getVR() != EVR_OW && element->getUint8Array(bytes).good() && bytes != nullptr)
    return {bytes, bytes + length};
  Uint16* words = nullptr;
  check(element->getUint16Array(words), "read the pixel data of a segmentation");
  std::vector<std::uint8_t> bits;
  bits.reserve(length);
  for (std::size_t i = 0; words != nullptr && i < length / 2; ++i) {
    bits.push_back(static_cast<std::uint8_t>(words[i] & 0xff));
    bits.push_back(static_cast<std::uint8_t>(words[i] >> 8));
  }
  return bits;
}

}  // namespace

SegmentationDocument SegmentationDocument::open(ByteView part10) {
  const auto dataset = parse_part10(part10, Extent::whole);
  require_binary(*dataset);
  require_native(locate_dataset(part10).transfer_syntax_uid);
  SegmentationDocument document;
  document.rows_ = require_size(*dataset, DCM_Rows);
  document.columns_ = require_size(*dataset, DCM_Columns);
  document.segments_ = read_segments(*dataset);

  const auto shared_items = read_items(*dataset, DCM_SharedFunctionalGroupsSequence);
  auto* shared = shared_items.empty() ? nullptr : shared_items.front();
  const auto groups = read_items(*dataset, DCM_PerFrameFunctionalGroupsSequence);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    document.frames_.push_back({read_segment_number(*groups[i], shared, i),
                                read_plane(*groups[i], shared, document.rows_, document.columns_),
                                read_sources(*groups[i], shared)});
  }
  if (!groups.empty()) {
    if (auto* measures = macro(*groups.front(), shared, DCM_PixelMeasuresSequence)) {
      document.slice_spacing_mm_ = read_number(*measures, DCM_SpacingBetweenSlices);
      if (!document.slice_spacing_mm_) document.slice_spacing_mm_ = read_number(*measures, DCM_SliceThickness);
    }
  }

  document.bits_ = read_bits(*dataset);
  const auto needed = (document.frames_.size() * document.pixels_per_frame() + 7) / 8;
  if (document.bits_.size() < needed) {
    refuse(std::to_string(document.bits_.size()) + " bytes of Pixel Data", std::to_string(needed));
  }
  return document;
}

std::size_t SegmentationDocument::unpack(std::size_t frame, std::span<std::uint8_t> pixels) const {
  return unpack_bits(bits_, frame * pixels_per_frame(), pixels.first(pixels_per_frame()));
}

}  // namespace punctum
