#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dicom/geometry/slice_plane.hpp"
#include "dicom/types/bytes.hpp"
#include "dicom/types/uid.hpp"

namespace punctum {

/// One item of the Segment Sequence.
struct SegmentEntry {
  int number = 0;
  std::string label;
  std::string tracking_id;
  std::optional<Uid> tracking_uid;
  std::string algorithm;
};

/// One frame: which segment it shows, where it lies, which images it was derived from.
struct FrameEntry {
  int segment = 0;
  std::optional<SlicePlane> plane;  ///< absent in objects without Plane Position or Orientation
  std::vector<Uid> sources;         ///< Derivation Image Sequence; may be empty
};

/// A BINARY Segmentation of any maker, opened (PS3.3 A.51). Value type; any thread.
class SegmentationDocument {
 public:
  /// @throws DicomError naming found and expected: another SOP class, FRACTIONAL or LABELMAP type, compressed pixel
  /// data, fewer bits than the frames need, a frame without a segment.
  static SegmentationDocument open(ByteView part10);

  int rows() const { return rows_; }
  int columns() const { return columns_; }
  const std::vector<SegmentEntry>& segments() const { return segments_; }
  const std::vector<FrameEntry>& frames() const { return frames_; }
  std::size_t pixels_per_frame() const { return static_cast<std::size_t>(rows_) * static_cast<std::size_t>(columns_); }
  /// The distance of neighbouring frames as the object states it, else their thickness.
  std::optional<double> slice_spacing_mm() const { return slice_spacing_mm_; }

  /// Sets pixels[i] to 1 where the frame has a bit; leaves the others. @return how many bits are set.
  std::size_t unpack(std::size_t frame, std::span<std::uint8_t> pixels) const;

 private:
  SegmentationDocument() = default;
  int rows_ = 0, columns_ = 0;
  std::vector<SegmentEntry> segments_;
  std::vector<FrameEntry> frames_;
  std::optional<double> slice_spacing_mm_;
  std::vector<std::uint8_t> bits_;
};

}  // namespace punctum
