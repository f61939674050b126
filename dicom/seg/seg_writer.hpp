#pragma once

#include <functional>
#include <string>
#include <vector>

#include "dicom/findings/lesion_mask.hpp"
#include "dicom/modules/result_identity.hpp"
#include "dicom/modules/source_series.hpp"
#include "dicom/types/part10_file.hpp"

namespace punctum {

/// Writes one lesion as a BINARY Segmentation (PS3.3 A.51): full-size frames on the source slices, empty frames
/// omitted.
/// @param mask not empty, on the grid of the source. Explicit VR Little Endian. Any thread.
/// @throws DicomError; GeometryError if mask and source do not fit.
Part10File write_segmentation(const LesionMask& mask, const SourceSeries& source, const ResultIdentity& identity);

/// One segment of a Segmentation; the mask is only looked at and must outlive the call.
struct SegmentToWrite {
  std::reference_wrapper<const LesionMask> mask;
  std::string label;   ///< Segment Label; cut to 64 characters
  LesionKey tracking;  ///< Tracking ID and Tracking UID
};

/// Who drew the segments (0062,0008).
enum class SegmentAlgorithmType { manual, semiautomatic, automatic };

/// Everything a Segmentation says of itself beside its segments.
struct SegmentationSheet {
  Uid sop_instance_uid;
  Uid series_instance_uid;
  int series_number = 1000;
  std::string series_description{};
  std::string content_label = "LESION_SEG";  ///< CS: upper case, at most 16 characters
  std::string content_description{};
  PatientText content_creator{"Punctum^AI"};  ///< PN; a caret keeps validators quiet
  std::string content_date{};                 ///< YYYYMMDD
  std::string content_time{};                 ///< HHMMSS.FFFFFF
  SegmentAlgorithmType algorithm_type = SegmentAlgorithmType::automatic;
  std::string algorithm_name = "Punctum";  ///< "Punctum phantom", "Punctum compact", ...
  std::string algorithm_version{};
  std::string algorithm_parameters{};  ///< may be empty
  std::string device_serial_number = "0";
  std::string software_version{};
};

/// The general form: several segments, numbered 1, 2, ... in the order given. Segments Overlap says what the masks say.
/// @param segments at least one, none of them empty, all on the grid of the source.
Part10File write_segmentation(const std::vector<SegmentToWrite>& segments, const SourceSeries& source,
                              const SegmentationSheet& sheet);

}  // namespace punctum
