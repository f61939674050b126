#include "dicom/seg/seg_reader.hpp"

#include <algorithm>
#include <cmath>

#include "dicom/seg/segmentation_document.hpp"
#include "dicom/types/error.hpp"

namespace punctum {
namespace {

/// Positions are compared after two makers' rounding.
constexpr double same_place_mm = 0.1;

bool same_place(const SlicePlane& a, const SlicePlane& b) {
  const auto apart = a.position_mm - b.position_mm;
  return std::sqrt(dot(apart, apart)) < same_place_mm;
}

int slice_shown_by(const FrameEntry& frame, std::size_t index, const SeriesGeometry& source) {
  for (const auto& uid : frame.sources) {
    if (const auto z = source.slice_of(uid)) return *z;
  }
  if (frame.sources.empty() && frame.plane) {
    const auto& slices = source.slices();
    const auto found =
        std::find_if(slices.begin(), slices.end(), [&](const auto& s) { return same_place(s.plane, *frame.plane); });
    if (found != slices.end()) return static_cast<int>(found - slices.begin());
  }
  throw DicomError("cannot read a segmentation: frame " + std::to_string(index + 1) +
                   " lies on none of the source series' slices" +
                   (frame.sources.empty() ? "" : "; it names instance " + frame.sources.front().str()));
}

void require_segment(const SegmentationDocument& document, int number) {
  const auto& segments = document.segments();
  if (std::any_of(segments.begin(), segments.end(), [&](const auto& s) { return s.number == number; })) return;
  throw DicomError("cannot read segment " + std::to_string(number) + " of a segmentation: it has " +
                   std::to_string(segments.size()) + " segments, none of that number");
}

void require_size(const SegmentationDocument& document, const SeriesGeometry& source) {
  if (document.columns() == source.columns() && document.rows() == source.rows()) return;
  throw DicomError("cannot read a segmentation onto its source: found frames of " + std::to_string(document.columns()) +
                   " x " + std::to_string(document.rows()) + " pixels, expected " + std::to_string(source.columns()) +
                   " x " + std::to_string(source.rows()));
}

void extend(std::optional<SegmentBox>& box, int column, int row) {
  if (!box) box = SegmentBox{column, column, row, row};
  box->first_column = std::min(box->first_column, column);
  box->last_column = std::max(box->last_column, column);
  box->first_row = std::min(box->first_row, row);
  box->last_row = std::max(box->last_row, row);
}

void extend(std::optional<SegmentBox>& box, const std::vector<std::uint8_t>& pixels, int columns) {
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    if (pixels[i] == 0) continue;
    const auto at = static_cast<int>(i);
    extend(box, at % columns, at / columns);
  }
}

}  // namespace

LesionMask read_segment(ByteView part10, int segment_number, const SeriesGeometry& source) {
  const auto document = SegmentationDocument::open(part10);
  require_segment(document, segment_number);
  require_size(document, source);
  const auto pixels = document.pixels_per_frame();
  LesionMask mask{source, std::vector<std::uint8_t>(pixels * source.slices().size())};
  for (std::size_t i = 0; i < document.frames().size(); ++i) {
    const auto& frame = document.frames()[i];
    if (frame.segment != segment_number) continue;
    const auto z = static_cast<std::size_t>(slice_shown_by(frame, i, source));
    document.unpack(i, std::span(mask.voxels).subspan(z * pixels, pixels));
  }
  return mask;
}

std::vector<SegmentSummary> summarize_segmentation(ByteView part10) {
  const auto document = SegmentationDocument::open(part10);
  std::vector<SegmentSummary> summaries;
  for (const auto& segment : document.segments()) {
    SegmentSummary summary{.number = segment.number,
                           .label = segment.label,
                           .tracking_uid = segment.tracking_uid,
                           .tracking_id = segment.tracking_id,
                           .algorithm = segment.algorithm};
    std::optional<double> voxel_mm3;
    for (std::size_t i = 0; i < document.frames().size(); ++i) {
      const auto& frame = document.frames()[i];
      if (frame.segment != segment.number) continue;
      std::vector<std::uint8_t> pixels(document.pixels_per_frame());
      summary.voxel_count += document.unpack(i, pixels);
      ++summary.frame_count;
      extend(summary.box, pixels, document.columns());
      if (frame.plane && document.slice_spacing_mm()) {
        voxel_mm3 = frame.plane->row_spacing_mm * frame.plane->column_spacing_mm * *document.slice_spacing_mm();
      }
    }
    if (voxel_mm3) summary.volume_mm3 = *voxel_mm3 * static_cast<double>(summary.voxel_count);
    summaries.push_back(std::move(summary));
  }
  return summaries;
}

}  // namespace punctum
