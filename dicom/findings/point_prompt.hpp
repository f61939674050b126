#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dicom/geometry/points.hpp"
#include "dicom/types/patient_text.hpp"
#include "dicom/types/sop_instance.hpp"

namespace punctum {

enum class ClickSign { positive, negative };

/// One click, still on the image that it was drawn on.
struct Click {
  ImagePoint point;
  Uid drawn_on;  ///< SOP Instance UID of the CT image
  ClickSign sign = ClickSign::positive;
};

/// Which lesion a presentation state speaks of: the pair of Tracking ID and Tracking UID (PS3.3 C.10.5) and, where
/// the viewer wrote neither, one derived from the presentation state itself.
struct LesionKey {
  Uid tracking_uid;
  std::string tracking_id;       ///< label for people, at most 64 characters
  bool given_by_viewer = false;  ///< false: derived, so that no later round can name it by accident
};

/// What a reader asks with one presentation state: this lesion, these clicks.
struct PointPrompt {
  SopInstance presentation_state;
  Uid series_instance_uid;  ///< the CT series that the clicks were drawn on, as the presentation state names it
  LesionKey lesion;
  std::vector<Click> clicks;  ///< in the order of the data set; at least one
  PatientText creator;        ///< Content Creator's Name (0070,0084), PN form; empty if absent
};

}  // namespace punctum
