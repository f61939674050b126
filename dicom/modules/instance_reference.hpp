#pragma once

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcitem.h>

#include <vector>

#include "dicom/geometry/series_geometry.hpp"
#include "dicom/types/sop_instance.hpp"

namespace punctum {

/// The two UIDs by which one object names another (PS3.3 10.8).
void put_sop_reference(DcmItem& item, const SopInstance& instance);

/// Common Instance Reference (PS3.3 C.12.2): the slices that an object was derived from, one series.
void put_referenced_series(DcmItem& derived, const SeriesGeometry& source);

/// Hierarchical references (PS3.3 C.17.2.1) below the named sequence: study, series, instance, in the order given.
void put_evidence(DcmItem& derived, const DcmTagKey& sequence, const std::vector<SopInstance>& instances);

}  // namespace punctum
