#pragma once

#include "dicom/findings/lesion_mask.hpp"
#include "dicom/modules/result_identity.hpp"
#include "dicom/modules/source_series.hpp"
#include "dicom/types/part10_file.hpp"

namespace punctum {

/// Writes one lesion as a BINARY Segmentation (PS3.3 A.51): full-size frames on the source slices, empty frames omitted.
/// @param mask not empty, on the grid of the source. Explicit VR Little Endian. Any thread.
/// @throws DicomError; GeometryError if mask and source do not fit.
Part10File write_segmentation(const LesionMask& mask, const SourceSeries& source, const ResultIdentity& identity);

}  // namespace punctum
