#include <gtest/gtest.h>

#include "dicom/seg/seg_writer.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/modules/derived_fixture.hpp"
#include "tests/unit/modules/validators.hpp"

namespace punctum {
namespace {

using namespace test;

/// Writes the segmentation of a built series and lets both judges look at it.
void expect_valid(const std::vector<TestSlice>& slices) {
  const TempDir folder;
  const auto source = source_of(slices);
  const auto seg = write_segmentation(ragged_ball(source->geometry(), 6), *source, identity_for(source->geometry()));
  std::vector<std::filesystem::path> files{folder / "seg.dcm"};
  write_file(files.front(), seg.bytes);
  for (std::size_t i = 0; i < slices.size(); ++i) {
    files.push_back(folder / ("ct" + std::to_string(i) + ".dcm"));
    write_file(files.back(), slices[i].bytes());
  }
  EXPECT_EQ(complaints_about(files.front()), "");
  EXPECT_EQ(inconsistencies_between(files), "");
}

TEST(SegValidity, JudgesAreSilent) {
  PUNCTUM_VALIDATORS_OR_SKIP();
  expect_valid(CtSeriesBuilder().count(5).build());
}

TEST(SegValidity, JudgesAreSilentForASingleSlice) {
  PUNCTUM_VALIDATORS_OR_SKIP();
  expect_valid({CtSliceBuilder().build()});
}

TEST(SegValidity, JudgesAreSilentWhereTheSourceWasCompressedLossily) {
  PUNCTUM_VALIDATORS_OR_SKIP();
  CtSeriesBuilder series;
  series.slice.with("LossyImageCompression", "01")
      .with("LossyImageCompressionRatio", "10.5")
      .with("LossyImageCompressionMethod", "ISO_10918_1");
  expect_valid(series.count(3).build());
}

TEST(SegValidity, JudgesAreSilentWhereSlicesSpellTheirOrientationDifferently) {
  PUNCTUM_VALIDATORS_OR_SKIP();
  CtSeriesBuilder series;
  series.count(4).each([](CtSliceBuilder& slice, int z) {
    slice.with("ImageOrientationPatient", z % 2 == 0 ? "1\\0\\0\\0\\1\\0" : "1.0\\0.0\\0.0\\0.0\\1.0\\0.0");
  });
  expect_valid(series.build());
}

TEST(SegValidity, JudgesAreSilentForSeveralSegments) {
  PUNCTUM_VALIDATORS_OR_SKIP();
  const TempDir folder;
  const auto source = source_of(CtSeriesBuilder().count(6).build());
  const auto low = mask_where(source->geometry(), [](int x, int, int z) { return z < 3 && x < 8; });
  const auto high = mask_where(source->geometry(), [](int x, int, int z) { return z > 1 && x > 5; });
  const auto seg = write_segmentation(
      {{low, "Low", {Uid::derived_from("low"), "low"}}, {high, "High", {Uid::derived_from("high"), "high"}}}, *source,
      {.sop_instance_uid = Uid::derived_from("seg"),
       .series_instance_uid = Uid::derived_from("seg series"),
       .series_description = "Truth",
       .content_description = "Lesions of a phantom",
       .content_date = "20260102",
       .content_time = "030405",
       .algorithm_name = "Punctum phantom",
       .algorithm_version = "1"});
  write_file(folder / "seg.dcm", seg.bytes);
  EXPECT_EQ(complaints_about(folder / "seg.dcm"), "");
}

}  // namespace
}  // namespace punctum
