#pragma once

#include <vector>

#include "dicom/findings/lesion_mask.hpp"
#include "dicom/types/bytes.hpp"

namespace punctum {

/// Reads one segment of a BINARY Segmentation back onto the grid of its source series, by the source instances that
/// its frames name. Own unpacking: bits are contiguous over frames (PS3.5 8.1.1).
/// @throws DicomError for other segmentation types, frames without a known source instance, or missing bits.
LesionMask read_segment(ByteView part10, int segment_number, const SeriesGeometry& source);

/// What a SEG says of itself, for people and tools.
struct SegmentSummary {
  int number = 0;
  std::string label;
  std::optional<Uid> tracking_uid;
  std::size_t frame_count = 0;
  std::size_t voxel_count = 0;
};
std::vector<SegmentSummary> summarize_segmentation(ByteView part10);

}  // namespace punctum
