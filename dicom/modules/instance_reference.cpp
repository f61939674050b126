#include "dicom/modules/instance_reference.hpp"

#include <dcmtk/dcmdata/dcdeftag.h>

#include <map>

#include "dicom/modules/elements.hpp"

namespace punctum {

void put_sop_reference(DcmItem& item, const SopInstance& instance) {
  put(item, DCM_ReferencedSOPClassUID, instance.sop_class_uid);
  put(item, DCM_ReferencedSOPInstanceUID, instance.sop_instance_uid);
}

void put_referenced_series(DcmItem& derived, const SeriesGeometry& source) {
  auto& series = append_item(derived, DCM_ReferencedSeriesSequence);
  put(series, DCM_SeriesInstanceUID, source.slices().front().instance.series_instance_uid);
  for (const auto& slice : source.slices()) {
    put_sop_reference(append_item(series, DCM_ReferencedInstanceSequence), slice.instance);
  }
}

void put_evidence(DcmItem& derived, const DcmTagKey& sequence, const std::vector<SopInstance>& instances) {
  std::map<Uid, DcmItem*> studies;
  std::map<Uid, DcmItem*> all_series;
  for (const auto& instance : instances) {
    auto& study = studies[instance.study_instance_uid];
    if (study == nullptr) {
      study = &append_item(derived, sequence);
      put(*study, DCM_StudyInstanceUID, instance.study_instance_uid);
    }
    auto& series = all_series[instance.series_instance_uid];
    if (series == nullptr) {
      series = &append_item(*study, DCM_ReferencedSeriesSequence);
      put(*series, DCM_SeriesInstanceUID, instance.series_instance_uid);
    }
    put_sop_reference(append_item(*series, DCM_ReferencedSOPSequence), instance);
  }
}

}  // namespace punctum
