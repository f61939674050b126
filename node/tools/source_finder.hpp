#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "dicom/geometry/volume.hpp"
#include "dicom/seg/segmentation_document.hpp"
#include "node/tools/overlay_picture.hpp"

namespace punctum {

/// What lies in a folder beside a segmentation.
struct SegmentationSource {
  Volume volume;  ///< the CT series that its frames were derived from
  struct Remark {
    Uid tracking_uid;
    std::vector<ClickMark> clicks{};   ///< from presentation states of this lesion
    std::vector<std::string> lines{};  ///< from its report: "Shape: Round-like (87 %)"
  };
  std::vector<Remark> remarks;  ///< one per tracking UID that the folder speaks of
};

/// Searches some folders and those below them for the CT series of a segmentation, for clicks and reports on its
/// lesions. Files that are something else are passed over.
/// @return nothing if no CT series there has the slices that the segmentation names.
std::optional<SegmentationSource> find_source(const std::vector<std::filesystem::path>& folders,
                                              const SegmentationDocument& segmentation);

}  // namespace punctum
