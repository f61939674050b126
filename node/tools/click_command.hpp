#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dicom/geometry/points.hpp"
#include "dicom/types/ae_title.hpp"
#include "dicom/types/uid.hpp"

namespace punctum {

/// punctum click CT_DIR --lps X,Y,Z... [--negative X,Y,Z...] [--tracking-uid UID] [--creator NAME^GIVEN] [-o gsps.dcm]
/// [--to AET@HOST:PORT] [--json]
struct ClickOptions {
  std::filesystem::path ct_folder;              ///< walked; what is no CT image is skipped
  std::vector<PatientPoint> on_lesion;          ///< --lps, mm
  std::vector<PatientPoint> beside_lesion;      ///< --negative, mm
  std::optional<Uid> tracking_uid;              ///< of an earlier round; absent: a new lesion
  std::string tracking_id;                      ///< label of the lesion; empty: "Lesion"
  std::string creator;                          ///< PN form with a caret; empty: not said
  std::optional<std::filesystem::path> output;  ///< absent and nobody to send to: gsps.dcm
  std::optional<Peer> to;
  AeTitle calling = AeTitle::require("PUNCTUM");
  bool json = false;  ///< one JSON object on standard output instead of text
};

/// "X,Y,Z" in mm. @return nothing if it is not three finite numbers.
std::optional<PatientPoint> parse_lps(std::string_view text);

/// Writes the presentation state that a viewer would save after these clicks, and sends it if asked.
/// @return 0 done; 1 no series or several hold the points, or the peer did not take it (said on standard error); 2 no
/// point was given. Needs a DcmtkRuntime.
int run_click(const ClickOptions& options);

}  // namespace punctum
