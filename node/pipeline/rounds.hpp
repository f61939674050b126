#pragma once

#include <optional>
#include <vector>

#include "dicom/findings/lesion_mask.hpp"
#include "dicom/findings/point_prompt.hpp"
#include "storage/archive.hpp"
#include "storage/job_store.hpp"

namespace punctum {

/// What was asked and answered about this lesion before.
struct EarlierRounds {
  int count = 0;
  std::vector<Click> clicks;             ///< of all earlier rounds, in order
  std::optional<Uid> last_segmentation;  ///< none if the last round segmented nothing
  std::optional<SopInstance> last_report;
};

/// Gathers the delivered rounds of the prompt's lesion on its series. @throws StorageError, DicomError
EarlierRounds earlier_rounds(const Archive& archive, const JobStore& jobs, const PointPrompt& prompt);

/// The mask of the last round on the grid of the series; nothing if there was none. @throws DicomError
std::optional<LesionMask> previous_mask(const Archive& archive, const EarlierRounds& earlier,
                                        const SeriesGeometry& geometry);

}  // namespace punctum
