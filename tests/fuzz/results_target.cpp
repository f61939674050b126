// Segmentations and reports, which may be another maker's: `punctum show`, and the previous round's mask.
#include "dicom/seg/seg_reader.hpp"
#include "sr/report_text.hpp"
#include "tests/fuzz/target.hpp"

namespace punctum::fuzz {
namespace {

SeriesGeometry any_series() {
  std::vector<PlacedSlice> slices;
  for (int k = 0; k < 2; ++k) {
    const auto uid = Uid::require("1.2.3." + std::to_string(k));
    slices.push_back({{.study_instance_uid = Uid::require("1.2"),
                       .series_instance_uid = Uid::require("1.2.3"),
                       .sop_instance_uid = uid,
                       .sop_class_uid = Uid::require("1.2.840.10008.5.1.4.1.1.2")},
                      {{0, 0, 2.0 * k}, {1, 0, 0}, {0, 1, 0}, 1, 1, 16, 16}});
  }
  return SeriesGeometry::from_slices(std::move(slices), Uid::require("1.2.4"));
}

void run(ByteView part10) {
  static const auto series = any_series();
  expecting_errors([&] { (void)summarize_segmentation(part10); });
  expecting_errors([&] { (void)read_segment(part10, 1, series); });
  expecting_errors([&] { (void)to_text(read_report(part10)); });
}

const Registered target("results", run);

}  // namespace
}  // namespace punctum::fuzz
