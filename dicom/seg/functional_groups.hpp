#pragma once

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcitem.h>

#include <vector>

#include "dicom/modules/source_headers.hpp"
#include "dicom/seg/frame_plan.hpp"

namespace punctum {

/// Multi-frame Functional Groups and Multi-frame Dimension (PS3.3 C.7.6.16, C.7.6.17): where each frame lies, which
/// segment it shows and which source slice it was derived from. Positions are the source's own strings.
void put_functional_groups(DcmItem& segmentation, const std::vector<FrameToWrite>& frames,
                           const SourceSeries::Headers& source);

/// Frames are indexed by segment, then by position. @param organization any UID that names this arrangement.
void put_dimensions(DcmItem& segmentation, const Uid& organization);

}  // namespace punctum
