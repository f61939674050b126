#include <gtest/gtest.h>

#include "tests/support/files.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/modules/validators.hpp"
#include "tests/unit/sr/report_fixture.hpp"

namespace punctum {
namespace {

using namespace test;

void expect_valid(const WrittenResult& result) {
  const TempDir folder;
  std::vector<std::filesystem::path> files{folder / "seg.dcm", folder / "sr.dcm"};
  write_file(files[0], result.seg.bytes);
  write_file(files[1], result.sr.bytes);
  for (std::size_t i = 0; i < result.slices.size(); ++i) {
    files.push_back(folder / ("ct" + std::to_string(i) + ".dcm"));
    write_file(files.back(), result.slices[i].bytes());
  }
  EXPECT_EQ(complaints_about(files[1]), "");
  EXPECT_EQ(inconsistencies_between(files), "");
}

TEST(ReportValidity, JudgesAreSilentOverCtSegmentationAndReport) {
  PUNCTUM_VALIDATORS_OR_SKIP();
  expect_valid(written_result());
}

TEST(ReportValidity, JudgesAreSilentInLaterRounds) {
  PUNCTUM_VALIDATORS_OR_SKIP();
  const SopInstance before{Uid::derived_from("study"), Uid::derived_from("sr series"), Uid::derived_from("sr before"),
                           Uid::require("1.2.840.10008.5.1.4.1.1.88.22")};
  expect_valid(written_result(CtSeriesBuilder().count(3), before));
}

TEST(ReportValidity, JudgesAreSilentWhereThePatientIsWrittenInKanji) {
  PUNCTUM_VALIDATORS_OR_SKIP();
  CtSeriesBuilder series;
  series.slice.with("SpecificCharacterSet", "\\ISO 2022 IR 87")
      .with("PatientName", "Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B");
  expect_valid(written_result(series.count(3)));
}

TEST(ReportValidity, JudgesAreSilentWhenNothingWasSegmented) {
  PUNCTUM_VALIDATORS_OR_SKIP();
  const TempDir folder;
  const auto source = source_of(CtSeriesBuilder().count(4).build());
  const auto sr =
      write_measurement_report(LesionReport{}, nullptr, *source, identity_for(source->geometry()), std::nullopt);
  write_file(folder / "sr.dcm", sr.bytes);
  EXPECT_EQ(complaints_about(folder / "sr.dcm"), "");
}

}  // namespace
}  // namespace punctum
