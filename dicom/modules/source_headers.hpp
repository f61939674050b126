#pragma once

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "dicom/modules/source_series.hpp"

namespace punctum {

/// One slice's attributes as its maker wrote them: derived objects repeat these strings, since readers compare them
/// after their own rounding.
struct SliceStrings {
  std::string image_position;     ///< (0020,0032)
  std::string image_orientation;  ///< (0020,0037)
  std::string pixel_spacing;      ///< (0028,0030)
  std::string slice_thickness;    ///< (0018,0050); may be empty
  std::string lossy_compression;  ///< (0028,2110); may be empty
  std::string lossy_ratio;        ///< (0028,2112)
  std::string lossy_method;       ///< (0028,2114)
};

/// What the writers know of the source: one slice's whole header, and per slice what differs.
struct SourceSeries::Headers {
  SeriesGeometry geometry;
  std::vector<SliceStrings> slices;  ///< index z

  /// Clones what is there of the named attributes into a derived object; sequences without items are passed over.
  void copy_to(DcmItem& derived, const std::vector<DcmTagKey>& tags) const;
  std::string text(const DcmTagKey& tag) const;  ///< empty if absent

  Headers(SeriesGeometry grid, std::vector<SliceStrings> strings, std::unique_ptr<DcmDataset> first);

 private:
  std::unique_ptr<DcmDataset> first_;
  mutable std::mutex mutex_;  ///< looking up an element moves DCMTK's list cursor
};

}  // namespace punctum
