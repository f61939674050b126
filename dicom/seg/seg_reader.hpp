#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dicom/findings/lesion_mask.hpp"
#include "dicom/types/bytes.hpp"

namespace punctum {

/// Reads one segment of a BINARY Segmentation back onto the grid of its source series: by the source instances that
/// its frames name, or, where a maker names none, by Image Position. Own unpacking: bits are contiguous over frames
/// (PS3.5 8.1.1).
/// @throws DicomError for other segmentation types, an unknown segment, frames that lie on none of the slices, or
/// missing bits.
LesionMask read_segment(ByteView part10, int segment_number, const SeriesGeometry& source);

/// The box around a segment's voxels on its frames; indices are from 0, both ends belong to it.
struct SegmentBox {
  int first_column = 0, last_column = 0;
  int first_row = 0, last_row = 0;
};

/// What a SEG says of itself, for people and tools.
struct SegmentSummary {
  int number = 0;
  std::string label;
  std::optional<Uid> tracking_uid;
  std::size_t frame_count = 0;
  std::size_t voxel_count = 0;
  std::string tracking_id{};
  std::string algorithm{};
  std::optional<double> volume_mm3{};  ///< absent where the object does not say how far apart its frames lie
  std::optional<SegmentBox> box{};     ///< absent for a segment without voxels
};
std::vector<SegmentSummary> summarize_segmentation(ByteView part10);

}  // namespace punctum
