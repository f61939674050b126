#include "dicom/gsps/gsps_writer.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sstream>

#include "dicom/ct/ct_slice_reader.hpp"
#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "dicom/gsps/gsps_reader.hpp"
#include "dicom/types/error.hpp"
#include "dicom/types/sop_classes.hpp"
#include "tests/support/ct_slice_builder.hpp"
#include "tests/support/files.hpp"
#include "tests/support/matchers.hpp"
#include "tests/support/temp_dir.hpp"

namespace punctum {
namespace {

using test::CtSeriesBuilder;
using testing::HasSubstr;

ClickSheet sheet_on(const std::vector<test::TestSlice>& slices) {
  ClickSheet sheet;
  sheet.clicks = {{{4.25, 5.5}, slices[2].uid(), ClickSign::positive},
                  {{6.5, 7.5}, slices[3].uid(), ClickSign::positive},
                  {{12.5, 1.5}, slices[2].uid(), ClickSign::negative}};
  sheet.lesion = LesionKey{Uid::require("1.2.3.4"), "Liver VII", true};
  sheet.creator = PatientText("Reader^One");
  sheet.created = "20260304050607.250000";
  return sheet;
}

TEST(GspsWriter, WhatIsWrittenIsReadBack) {
  const auto slices = CtSeriesBuilder{}.build();
  const auto sheet = sheet_on(slices);
  const auto file = write_click_presentation_state(sheet, bytes_of(slices));
  EXPECT_EQ(file.name.study_instance_uid, slices[0].name().study_instance_uid);
  EXPECT_EQ(file.name.sop_class_uid.str(), sop_class::grayscale_softcopy_presentation_state_storage);

  const auto prompts = read_point_prompts(file.bytes);
  ASSERT_EQ(prompts.size(), 1u);
  const auto& prompt = prompts[0];
  EXPECT_EQ(prompt.series_instance_uid, slices[0].name().series_instance_uid);
  EXPECT_EQ(prompt.lesion.tracking_uid.str(), "1.2.3.4");
  EXPECT_EQ(prompt.lesion.tracking_id, "Liver VII");
  EXPECT_EQ(prompt.creator.reveal(), "Reader^One");
  ASSERT_EQ(prompt.clicks.size(), 3u);
  EXPECT_EQ(prompt.clicks[0].point, (ImagePoint{4.25, 5.5}));
  EXPECT_EQ(prompt.clicks[1].sign, ClickSign::negative);
  EXPECT_EQ(prompt.clicks[1].drawn_on, slices[2].uid());
  EXPECT_EQ(prompt.clicks[2].drawn_on, slices[3].uid());
}

TEST(GspsWriter, SaysWhenTheClickWasMade) {
  const auto slices = CtSeriesBuilder{}.build();
  const auto file = write_click_presentation_state(sheet_on(slices), bytes_of(slices));
  const auto state = parse_part10(file.bytes, Extent::whole);
  EXPECT_EQ(read_text(*state, DCM_PresentationCreationDate), "20260304");
  EXPECT_EQ(read_text(*state, DCM_PresentationCreationTime), "050607.250000");
}

TEST(GspsWriter, WithoutLesionNoTrackingPairIsWritten) {
  const auto slices = CtSeriesBuilder{}.build();
  auto sheet = sheet_on(slices);
  sheet.lesion.reset();
  const auto prompts = read_point_prompts(write_click_presentation_state(sheet, bytes_of(slices)).bytes);
  EXPECT_FALSE(prompts.at(0).lesion.given_by_viewer);
}

TEST(GspsWriter, NamesBeyondAsciiSurviveAnyCharacterSetOfTheSeries) {
  for (const auto* character_set : {"ISO_IR 192", "ISO_IR 100", ""}) {
    auto series = CtSeriesBuilder{};
    series.slice.with("SpecificCharacterSet", character_set);
    const auto slices = series.build();
    auto sheet = sheet_on(slices);
    sheet.creator = PatientText("Müller^Jörg");
    const auto prompts = read_point_prompts(write_click_presentation_state(sheet, bytes_of(slices)).bytes);
    EXPECT_EQ(prompts.at(0).creator.reveal(), "Müller^Jörg") << character_set;
  }
}

TEST(GspsWriter, RefusesPointsOutsideOfTheirImage) {
  const auto slices = CtSeriesBuilder{}.build();
  auto sheet = sheet_on(slices);
  sheet.clicks[0].point.column = 17;
  EXPECT_THROW(write_click_presentation_state(sheet, bytes_of(slices)), GeometryError);
}

TEST(GspsWriter, RefusesClicksOnForeignImagesAndSheetsWithoutClick) {
  const auto slices = CtSeriesBuilder{}.build();
  auto sheet = sheet_on(slices);
  sheet.clicks[0].drawn_on = Uid::require("1.2.3.99");
  EXPECT_THAT(PUNCTUM_MESSAGE_OF(DicomError, write_click_presentation_state(sheet, bytes_of(slices))),
              HasSubstr("1.2.3.99 that a click lies on is not part of the series"));
  sheet.clicks.clear();
  EXPECT_THROW(write_click_presentation_state(sheet, bytes_of(slices)), DicomError);
}

// ---------------------------------------------------------------- the judge of the standard

struct Judgement {
  int exit_code = -1;
  std::string text;
};

Judgement judge(const Bytes& object) {
  const test::TempDir folder;
  const auto path = folder / "object.dcm";
  test::write_file(path, object);
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(("dciodvfy '" + path.string() + "' 2>&1").c_str(), "r"),
                                                   pclose);
  Judgement judgement;
  char line[512];
  while (std::fgets(line, sizeof line, pipe.get()) != nullptr) judgement.text += line;
  return judgement;
}

bool dciodvfy_is_here() { return std::system("command -v dciodvfy >/dev/null 2>&1") == 0; }

void expect_clean(const Bytes& object) {
  const auto judgement = judge(object);
  EXPECT_THAT(judgement.text, testing::Not(HasSubstr("Error"))) << judgement.text;
  EXPECT_THAT(judgement.text, testing::Not(HasSubstr("Warning"))) << judgement.text;
  EXPECT_THAT(judgement.text, HasSubstr("GrayscaleSoftcopyPresentationState"));
}

TEST(GspsWriter, DciodvfyFindsNothingWrong) {
  if (!dciodvfy_is_here()) GTEST_SKIP() << "needs dciodvfy (package dicom3tools)";
  const auto slices = CtSeriesBuilder{}.build();
  auto sheet = sheet_on(slices);
  expect_clean(write_click_presentation_state(sheet, bytes_of(slices)).bytes);
  sheet.lesion.reset();
  sheet.creator = {};
  sheet.clicks.erase(sheet.clicks.begin() + 1, sheet.clicks.end());
  expect_clean(write_click_presentation_state(sheet, bytes_of(slices)).bytes);
}

/// What the judge says of an object and not of the image that it repeats patient, study and body part from.
std::string findings_beyond(const Judgement& object, const Judgement& source) {
  std::istringstream lines(object.text);
  std::string beyond;
  for (std::string line; std::getline(lines, line);) {
    const bool finding = line.starts_with("Error") || line.starts_with("Warning");
    if (finding && source.text.find(line) == std::string::npos) beyond += line + "\n";
  }
  return beyond;
}

TEST(GspsWriter, DciodvfyFindsNothingOverRealSeriesThatTheImagesDoNotHave) {
  if (!dciodvfy_is_here()) GTEST_SKIP() << "needs dciodvfy (package dicom3tools)";
  const std::filesystem::path data(PUNCTUM_SHARED_DATA);
  int seen = 0;
  for (const auto* file : {"ct-chest-cmb-crc/1-050.dcm", "geometry-tilt-ge-head/05.dcm",
                           "lesions-lung-radiomics-phantom-NC/pat_1/DCM_IMG_00030.dcm",
                           "lesions-sts-ibsi/dicom/STS_008/CT/image/000020.dcm",
                           "geometry-broken-series/gantrytilting/001/IM-0001-0002.dcm",
                           "syntax-ct-cornerstone3d/CTImage.dcm_JPEG2000TransferSyntax_1.2.840.10008.1.2.4.91.dcm"}) {
    if (!std::filesystem::exists(data / file)) continue;
    SCOPED_TRACE(file);
    const auto bytes = test::read_file(data / file);
    ClickSheet sheet;
    sheet.clicks = {{{80.5, 90.5}, read_ct_slice_header(bytes).placed.instance.sop_instance_uid, ClickSign::positive}};
    sheet.lesion = LesionKey{Uid::require("1.2.3.4"), "Läsion 1", true};
    sheet.creator = PatientText("Müller^Jörg");
    const auto state = write_click_presentation_state(sheet, {bytes});
    EXPECT_EQ(findings_beyond(judge(state.bytes), judge(bytes)), "");
    ++seen;
  }
  if (seen == 0) GTEST_SKIP() << "needs real series below " << data;
}

}  // namespace
}  // namespace punctum
