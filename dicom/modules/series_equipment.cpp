#include "dicom/modules/series_equipment.hpp"

#include <dcmtk/dcmdata/dcdeftag.h>

#include <charconv>

#include "dicom/modules/elements.hpp"

namespace punctum {

void put_series(DcmItem& derived, const DerivedSeries& series) {
  put(derived, DCM_Modality, series.modality);
  put(derived, DCM_SeriesInstanceUID, series.series_instance_uid);
  put(derived, DCM_SeriesNumber, std::to_string(series.series_number));
  put(derived, DCM_SeriesDescription, series.description);
  put(derived, DCM_SeriesDate, series.date);
  put(derived, DCM_SeriesTime, series.time);
}

void put_body_part(DcmItem& derived, const SourceSeries::Headers& source) {
  source.copy_to(derived, {DCM_BodyPartExamined, DCM_Laterality});
}

void put_frame_of_reference(DcmItem& derived, const SourceSeries::Headers& source) {
  put(derived, DCM_FrameOfReferenceUID, source.geometry.frame_of_reference_uid());
  source.copy_to(derived, {DCM_PositionReferenceIndicator});
  if (!derived.tagExists(DCM_PositionReferenceIndicator)) put_empty(derived, DCM_PositionReferenceIndicator);
}

void put_equipment(DcmItem& derived, std::string_view device_serial_number, std::string_view software_version) {
  put(derived, DCM_Manufacturer, manufacturer);
  put(derived, DCM_ManufacturerModelName, model_name);
  put(derived, DCM_DeviceSerialNumber, device_serial_number.empty() ? "0" : device_serial_number);
  put(derived, DCM_SoftwareVersions, software_version.empty() ? "0" : software_version);
}

void put_sop_common(DcmItem& derived, std::string_view sop_class, const Uid& sop_instance, const std::string& date,
                    const std::string& time) {
  put(derived, DCM_SOPClassUID, sop_class);
  put(derived, DCM_SOPInstanceUID, sop_instance);
  put(derived, DCM_InstanceCreationDate, date);
  put(derived, DCM_InstanceCreationTime, time);
  put(derived, DCM_InstanceNumber, "1");
  put(derived, DCM_ContentDate, date);
  put(derived, DCM_ContentTime, time);
}

int series_number_beside(const SourceSeries::Headers& source, int base) {
  const auto text = source.text(DCM_SeriesNumber);
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0 || number > 1'000'000'000) return base;
  return base + number;
}

}  // namespace punctum
