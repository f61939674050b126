#pragma once

#include "dicom/findings/lesion_report.hpp"
#include "dicom/seg/seg_writer.hpp"
#include "sr/measurement_report.hpp"
#include "tests/unit/modules/derived_fixture.hpp"

namespace punctum::test {

inline LesionReport report_with_everything() {
  LesionReport report;
  report.measurements = LesionMeasurements{.voxel_count = 321,
                                           .volume_mm3 = 642.125,
                                           .long_axis_mm = 12.34,
                                           .short_axis_mm = 9.87,
                                           .axis_slice = 2,
                                           .mean_hu = -12.5,
                                           .sd_hu = 33.3,
                                           .min_hu = -120,
                                           .max_hu = 88};
  report.attributes = {{Attribute::shape, {0.05, 0.1, 0.05, 0.8}},
                       {Attribute::density, {0.7, 0.2, 0.1}},
                       {Attribute::heterogeneity, {0.4, 0.6}},
                       {Attribute::surface, {0.9, 0.1}},
                       {Attribute::invasion, {0.25, 0.75}}};
  report.mask_quality = 0.83;
  return report;
}

/// A series, a segmentation of it, and the report of both.
struct WrittenResult {
  std::vector<TestSlice> slices;
  std::shared_ptr<const SourceSeries> source;
  ResultIdentity identity;
  Part10File seg, sr;
};

inline WrittenResult written_result(CtSeriesBuilder builder = CtSeriesBuilder().count(6),
                                    const std::optional<SopInstance>& predecessor = std::nullopt) {
  auto slices = builder.build();
  auto source = source_of(slices);
  auto identity = identity_for(source->geometry());
  auto seg = write_segmentation(ragged_ball(source->geometry(), 5), *source, identity);
  auto sr = write_measurement_report(report_with_everything(), &seg, *source, identity, predecessor);
  return {std::move(slices), std::move(source), std::move(identity), std::move(seg), std::move(sr)};
}

}  // namespace punctum::test
