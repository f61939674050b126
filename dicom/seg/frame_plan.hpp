#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dicom/findings/lesion_mask.hpp"
#include "dicom/seg/seg_writer.hpp"

namespace punctum {

/// One frame to write: a slice in which a segment has at least one voxel.
struct FrameToWrite {
  std::size_t segment = 0;  ///< index into the segments; Segment Number is one more
  int slice = 0;
  std::uint32_t position_rank = 0;  ///< 1, 2, ... over the slices that any segment uses, in order of position
};

/// Frames in the order in which they are written: by segment, then by position.
/// @throws DicomError for an empty segment, GeometryError for a mask on another grid.
std::vector<FrameToWrite> plan_frames(const std::vector<SegmentToWrite>& segments, const SeriesGeometry& grid);

std::span<const std::uint8_t> slice_of(const LesionMask& mask, int slice);

/// Whether any voxel belongs to more than one segment.
bool segments_overlap(const std::vector<SegmentToWrite>& segments);

}  // namespace punctum
