#pragma once

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>

#include <string_view>
#include <vector>

#include "dicom/modules/own_text.hpp"
#include "dicom/modules/source_headers.hpp"

namespace punctum {

/// Patient, General Study and Patient Study modules (PS3.3 C.7.1.1, C.7.2.1, C.7.2.2), string for string from the
/// source, with its Specific Character Set. Where our own text needs more than ASCII, everything becomes UTF-8 (ISO_IR
/// 192). Call it first, on an empty data set.
/// @param own_texts what the caller will write beside it (UTF-8).
/// @return how the caller must write those. @throws DicomError
OwnText put_patient_and_study(DcmDataset& derived, const SourceSeries::Headers& source,
                              const std::vector<std::string_view>& own_texts);

}  // namespace punctum
