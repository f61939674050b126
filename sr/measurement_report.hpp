#pragma once

#include <optional>

#include "dicom/findings/lesion_report.hpp"
#include "dicom/modules/result_identity.hpp"
#include "dicom/modules/source_series.hpp"
#include "dicom/types/part10_file.hpp"

namespace punctum {

/// Writes the report of one lesion: Enhanced SR, TID 1500 with TID 1411 (PS3.16).
/// @param segmentation the SEG it describes; absent when nothing was segmented: then the report says so in text.
/// @param predecessor the report of the previous round of the same lesion, if there was one.
/// @throws DicomError. Any thread.
Part10File write_measurement_report(const LesionReport& report, const Part10File* segmentation,
                                    const SourceSeries& source, const ResultIdentity& identity,
                                    const std::optional<SopInstance>& predecessor);

}  // namespace punctum
