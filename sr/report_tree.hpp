#pragma once

#include <optional>

#include "dicom/findings/lesion_report.hpp"
#include "dicom/modules/own_text.hpp"
#include "dicom/modules/result_identity.hpp"
#include "dicom/modules/source_series.hpp"
#include "sr/content_item.hpp"

namespace punctum {

/// What a report tree is made of; references live as long as the caller's.
struct ReportSubject {
  const LesionReport& report;
  const std::optional<SopInstance>& segmentation;  ///< absent: nothing was segmented
  const SourceSeries& source;
  const ResultIdentity& identity;
  const OwnText& text;  ///< into the document's character set
};

/// The whole document: TID 1500 Measurement Report.
ContentItem report_tree(const ReportSubject& subject);

/// TID 1411 Volumetric ROI Measurements, or TID 1501 with a sentence instead when nothing was segmented.
ContentItem measurement_group(const ReportSubject& subject);

}  // namespace punctum
