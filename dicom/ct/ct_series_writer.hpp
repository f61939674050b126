#pragma once

#include <string>
#include <vector>

#include "dicom/geometry/volume.hpp"
#include "dicom/types/part10_file.hpp"
#include "dicom/types/patient_text.hpp"

namespace punctum {

/// Who and what a written series says it shows. Instance, series, study and Frame of Reference UIDs come with the
/// volume.
struct CtIdentification {
  PatientText patient_name;
  PatientText patient_id;
  std::string study_id = "1";        ///< SH
  std::string study_description{};   ///< LO
  std::string series_description{};  ///< LO
  std::string date = "20260101";     ///< of study, series, acquisition and content
  std::string time = "120000";
  std::string body_part = "ABDOMEN";  ///< a term of PS3.16 annex L
  std::string manufacturer = "Punctum";
  std::string model_name{};
  std::string device_serial_number = "0";
  std::string software_version = "1";
  double kvp = 120;
};

/// Writes a volume of any geometry as CT Image Storage (PS3.3 A.3), one file per slice in volume order: signed 16 bit,
/// slope 1, intercept 0, explicit VR little endian. Any thread. @throws DicomError
std::vector<Part10File> write_ct_series(const Volume& volume, const CtIdentification& identification);

}  // namespace punctum
