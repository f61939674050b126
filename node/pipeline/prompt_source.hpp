#pragma once

#include <string>
#include <vector>

#include "dicom/findings/point_prompt.hpp"
#include "storage/archive.hpp"

namespace punctum {

/// The clicks of one stored presentation state on one series, for one lesion. @throws Refusal, DicomError as
/// read_point_prompts does; StorageError if the presentation state is not stored.
PointPrompt read_prompt(const Archive& archive, const Uid& gsps_uid, const std::string& series_uid,
                        const std::string& tracking_uid);

/// The images that the clicks were drawn on, each once, in order of first use.
std::vector<Uid> clicked_images(const std::vector<Click>& clicks);

/// Checks what only the archive can answer: the clicked images are CT images of the series that the presentation state
/// names, and of its own study and patient. Images that are not there are none of its business (jobs/readiness.hpp).
/// @throws Refusal with a sentence for the reader.
void require_usable_images(const Archive& archive, const PointPrompt& prompt);

}  // namespace punctum
