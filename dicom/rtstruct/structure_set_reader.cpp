#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>

#include <algorithm>

#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "dicom/rtstruct/structure_set.hpp"
#include "dicom/types/error.hpp"
#include "dicom/types/sop_classes.hpp"

namespace punctum {
namespace {

/// RT Referenced Series Sequence, two levels down from the frame of reference (PS3.3 C.8.8.5).
std::vector<Uid> series_of(DcmItem& dataset) {
  std::vector<Uid> series;
  for (auto* frame : read_items(dataset, DCM_ReferencedFrameOfReferenceSequence)) {
    for (auto* study : read_items(*frame, DCM_RTReferencedStudySequence)) {
      for (auto* item : read_items(*study, DCM_RTReferencedSeriesSequence)) {
        series.push_back(require_uid(*item, DCM_SeriesInstanceUID));
      }
    }
  }
  return series;
}

int require_whole(DcmItem& item, const DcmTagKey& tag) {
  return static_cast<int>(require_numbers(item, tag, 1).front());
}

Contour contour_of(DcmItem& item) {
  const auto numbers = read_numbers(item, DCM_ContourData);
  if (numbers.size() < 9 || numbers.size() % 3 != 0) {
    throw DicomError("cannot read contour: found " + std::to_string(numbers.size()) + " numbers in " +
                     describe(DCM_ContourData) + ", expected three for each of at least three points");
  }
  Contour contour;
  for (std::size_t i = 0; i < numbers.size(); i += 3) contour.push_back({numbers[i], numbers[i + 1], numbers[i + 2]});
  return contour;
}

std::vector<Contour> contours_of(DcmItem& roi_contour) {
  std::vector<Contour> contours;
  for (auto* item : read_items(roi_contour, DCM_ContourSequence)) {
    const auto type = require_text(*item, DCM_ContourGeometricType);
    if (type == "CLOSED_PLANAR" || type == "CLOSEDPLANAR_XOR") contours.push_back(contour_of(*item));
  }
  return contours;
}

}  // namespace

StructureSet read_structure_set(ByteView part10) {
  const auto dataset = parse_part10(part10, Extent::whole);
  const auto sop_class = require_uid(*dataset, DCM_SOPClassUID);
  if (sop_class.str() != sop_class::rt_structure_set_storage) {
    throw DicomError("cannot read contours: found SOP class " + sop_class.str() + ", expected RT Structure Set " +
                     std::string(sop_class::rt_structure_set_storage));
  }
  StructureSet structures{series_of(*dataset), {}};
  for (auto* item : read_items(*dataset, DCM_StructureSetROISequence)) {
    structures.rois.push_back({require_whole(*item, DCM_ROINumber),
                               read_text(*item, DCM_ROIName).value_or(""),
                               require_uid(*item, DCM_ReferencedFrameOfReferenceUID),
                               {}});
  }
  for (auto* item : read_items(*dataset, DCM_ROIContourSequence)) {
    const int number = require_whole(*item, DCM_ReferencedROINumber);
    const auto roi = std::find_if(structures.rois.begin(), structures.rois.end(),
                                  [number](const auto& r) { return r.number == number; });
    if (roi == structures.rois.end()) {
      throw DicomError("cannot read contours: they are of region " + std::to_string(number) +
                       ", expected one of Structure Set ROI Sequence");
    }
    auto contours = contours_of(*item);
    std::move(contours.begin(), contours.end(), std::back_inserter(roi->contours));
  }
  return structures;
}

}  // namespace punctum
