#pragma once

#include <vector>

#include "dicom/findings/point_prompt.hpp"
#include "dicom/types/bytes.hpp"

namespace punctum {

/// Reads the clicks of one stored presentation state (PS3.3 A.33.1, C.10.5), from the raw data set.
/// @param part10 the whole file.
/// @return one prompt for each CT series and lesion that it speaks of.
/// @throws Refusal with a sentence for the reader when nothing in it can be used (no point, only negative points, wrong
/// units, a point that refers to no single image, ...); DicomError if it cannot be parsed at all. Any thread.
/// What the archive must answer (are the images here, are they CT, same patient) is not asked here.
std::vector<PointPrompt> read_point_prompts(ByteView part10);

}  // namespace punctum
