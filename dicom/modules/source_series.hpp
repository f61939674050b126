#pragma once

#include <memory>
#include <vector>

#include "dicom/geometry/series_geometry.hpp"
#include "dicom/types/bytes.hpp"

namespace punctum {

/// The CT series that results are derived from: patient, study, equipment and per-slice attributes exactly as the
/// scanner wrote them, so that derived objects can repeat them string for string. No pixel data. Immutable; any thread.
class SourceSeries {
 public:
  /// @param geometry the slices used, in volume order. @param part10 one file per slice, same order; pixel data
  /// ignored.
  static std::shared_ptr<const SourceSeries> from_files(SeriesGeometry geometry, const std::vector<ByteView>& part10);

  const SeriesGeometry& geometry() const;
  struct Headers;  ///< DCMTK data sets, for the writers in dicom/ and sr/
  const Headers& headers() const;
  explicit SourceSeries(std::unique_ptr<Headers> headers);
  ~SourceSeries();

 private:
  std::unique_ptr<Headers> headers_;
};

}  // namespace punctum
