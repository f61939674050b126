#include "dicom/seg/frame_plan.hpp"

#include <algorithm>
#include <cstring>
#include <set>
#include <string>

#include "dicom/types/error.hpp"

namespace punctum {
namespace {

/// memchr is many times faster than a loop over bytes, and most slices of a series are empty.
bool any_set(std::span<const std::uint8_t> pixels) { return std::memchr(pixels.data(), 1, pixels.size()) != nullptr; }

std::size_t pixels_of(const SeriesGeometry& grid) {
  return static_cast<std::size_t>(grid.rows()) * static_cast<std::size_t>(grid.columns());
}

void require_same_grid(const LesionMask& mask, const SeriesGeometry& grid) {
  const auto& other = mask.geometry;
  const bool same_instances = std::equal(
      other.slices().begin(), other.slices().end(), grid.slices().begin(), grid.slices().end(),
      [](const auto& a, const auto& b) { return a.instance.sop_instance_uid == b.instance.sop_instance_uid; });
  if (!same_instances || other.rows() != grid.rows() || other.columns() != grid.columns()) {
    throw GeometryError("cannot write a segmentation: the mask lies on other slices than the source series");
  }
  const auto expected = pixels_of(grid) * grid.slices().size();
  if (mask.voxels.size() != expected) {
    throw GeometryError("cannot write a segmentation: found a mask of " + std::to_string(mask.voxels.size()) +
                        " voxels, expected " + std::to_string(expected));
  }
}

}  // namespace

std::span<const std::uint8_t> slice_of(const LesionMask& mask, int slice) {
  const auto pixels = pixels_of(mask.geometry);
  return std::span(mask.voxels).subspan(static_cast<std::size_t>(slice) * pixels, pixels);
}

std::vector<FrameToWrite> plan_frames(const std::vector<SegmentToWrite>& segments, const SeriesGeometry& grid) {
  std::vector<FrameToWrite> frames;
  std::set<int> used;
  for (std::size_t segment = 0; segment < segments.size(); ++segment) {
    const LesionMask& mask = segments[segment].mask;
    require_same_grid(mask, grid);
    const auto before = frames.size();
    for (int z = 0; z < grid.slice_count(); ++z) {
      if (!any_set(slice_of(mask, z))) continue;
      frames.push_back({segment, z});
      used.insert(z);
    }
    if (frames.size() == before) {
      throw DicomError("cannot write a segmentation: segment " + std::to_string(segment + 1) + " has no voxel");
    }
  }
  if (frames.empty()) throw DicomError("cannot write a segmentation: found no segment, expected at least one");
  for (auto& frame : frames) {
    frame.position_rank = static_cast<std::uint32_t>(std::distance(used.begin(), used.find(frame.slice)) + 1);
  }
  return frames;
}

bool segments_overlap(const std::vector<SegmentToWrite>& segments) {
  if (segments.size() < 2) return false;
  auto seen = segments.front().mask.get().voxels;
  for (auto segment = segments.begin() + 1; segment != segments.end(); ++segment) {
    const auto& voxels = segment->mask.get().voxels;
    for (std::size_t i = 0; i < voxels.size(); ++i) {
      if (voxels[i] != 0 && seen[i] != 0) return true;
      seen[i] = static_cast<std::uint8_t>(seen[i] | voxels[i]);
    }
  }
  return false;
}

}  // namespace punctum
