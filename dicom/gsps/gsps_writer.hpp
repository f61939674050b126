#pragma once

#include <string>
#include <vector>

#include "dicom/findings/point_prompt.hpp"
#include "dicom/types/part10_file.hpp"

namespace punctum {

/// What a viewer would save after some clicks (PS3.3 A.33.1).
struct ClickSheet {
  std::vector<Click> clicks;        ///< drawn_on names images of the series below
  std::optional<LesionKey> lesion;  ///< written as Tracking ID and UID; absent: none written
  PatientText creator;              ///< PN form with a caret
  std::string content_label = "LESION_CLICK";
  std::string created;  ///< local time, YYYYMMDDHHMMSS.FFFFFF; empty: now
};

/// Writes a presentation state over one CT series; patient and study attributes come from the series.
/// @param series Part 10 bytes of every image of the series (headers suffice).
/// Passes dciodvfy without error or warning. @throws DicomError, GeometryError
Part10File write_click_presentation_state(const ClickSheet& sheet, const std::vector<Bytes>& series);

}  // namespace punctum
