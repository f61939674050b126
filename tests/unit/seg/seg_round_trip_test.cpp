#include <gtest/gtest.h>

#include "dicom/seg/seg_reader.hpp"
#include "dicom/seg/seg_writer.hpp"
#include "tests/support/dcmtk_environment.hpp"
#include "tests/unit/modules/derived_fixture.hpp"

namespace punctum {
namespace {

using namespace test;

void expect_exact_round_trip(const std::vector<TestSlice>& slices) {
  const auto source = source_of(slices);
  const auto& grid = source->geometry();
  const auto mask = ragged_ball(grid, 0.4 * std::min(grid.columns(), grid.rows()));

  const auto file = write_segmentation(mask, *source, identity_for(grid));
  const auto back = read_segment(file.bytes, 1, grid);

  ASSERT_GT(mask.count(), 0u);
  EXPECT_EQ(back.voxels, mask.voxels);
}

TEST(SegRoundTrip, IsExactForAUsualMatrix) {
  CtSeriesBuilder series;
  series.slice.size(512, 512);
  expect_exact_round_trip(series.count(5).build());
}

TEST(SegRoundTrip, IsExactWhereFramesEndWithinAByte) {
  for (const int size : {333, 13, 10, 9}) {
    SCOPED_TRACE(size);
    CtSeriesBuilder series;
    series.slice.size(size, size);
    expect_exact_round_trip(series.count(3).build());
  }
}

TEST(SegRoundTrip, IsExactForRowsAndColumnsThatDiffer) {
  CtSeriesBuilder series;
  series.slice.size(31, 17).spacing_mm(0.9, 0.4);
  expect_exact_round_trip(series.count(4).build());
}

TEST(SegRoundTrip, IsExactForAnObliqueSeries) {
  CtSeriesBuilder series;
  series.slice.size(20, 18).direction({0.8, 0.6, 0}, {-0.36, 0.48, 0.8});
  expect_exact_round_trip(series.count(6).step_mm(PatientVector{0.72, -0.96, 0.9}).build());
}

TEST(SegRoundTrip, IsExactForASingleSlice) { expect_exact_round_trip({CtSliceBuilder().size(15, 15).build()}); }

TEST(SegRoundTrip, KeepsSeveralSegmentsApart) {
  CtSeriesBuilder series;
  const auto source = source_of(series.count(6).build());
  const auto& grid = source->geometry();
  const auto low = mask_where(grid, [](int x, int y, int z) { return z < 3 && x < 8 && y > 3; });
  const auto high = mask_where(grid, [](int x, int y, int z) { return z > 1 && x > 9 && y < 13; });

  const auto file = write_segmentation(
      {{low, "Low", {Uid::derived_from("low"), "low"}}, {high, "High", {Uid::derived_from("high"), "high"}}}, *source,
      {.sop_instance_uid = Uid::derived_from("seg"),
       .series_instance_uid = Uid::derived_from("seg series"),
       .content_date = "20260102",
       .content_time = "030405"});

  EXPECT_EQ(read_segment(file.bytes, 1, grid).voxels, low.voxels);
  EXPECT_EQ(read_segment(file.bytes, 2, grid).voxels, high.voxels);
}

TEST(SegRoundTrip, SummaryCountsWhatTheMaskHolds) {
  CtSeriesBuilder series;
  series.slice.spacing_mm(0.5, 0.5);
  const auto source = source_of(series.count(6).step_mm(3).build());
  const auto mask =
      mask_where(source->geometry(), [](int x, int y, int z) { return x >= 2 && x < 5 && y == 7 && z > 0 && z < 3; });

  const auto summary =
      summarize_segmentation(write_segmentation(mask, *source, identity_for(source->geometry())).bytes);

  ASSERT_EQ(summary.size(), 1u);
  EXPECT_EQ(summary[0].label, "Lesion 1");
  EXPECT_EQ(summary[0].tracking_uid, Uid::derived_from("lesion"));
  EXPECT_EQ(summary[0].frame_count, 2u);
  EXPECT_EQ(summary[0].voxel_count, 6u);
  EXPECT_NEAR(summary[0].volume_mm3.value(), 6 * 0.5 * 0.5 * 3, 1e-9);
  EXPECT_EQ(summary[0].box->first_column, 2);
  EXPECT_EQ(summary[0].box->last_column, 4);
}

}  // namespace
}  // namespace punctum
