#include "dicom/modules/source_series.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <gtest/gtest.h>

#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/modules/patient_study.hpp"
#include "dicom/modules/source_headers.hpp"
#include "dicom/types/error.hpp"
#include "tests/unit/modules/derived_fixture.hpp"

namespace punctum {
namespace {

using namespace test;

TEST(SourceSeries, KeepsTheScannersStrings) {
  CtSeriesBuilder builder;
  builder.count(2).each([](CtSliceBuilder& slice, int z) {
    slice.with("ImagePositionPatient", "-8.00\\-08.0\\+" + std::to_string(2 * z) + ".000");
  });
  const auto source = source_of(builder.build());
  EXPECT_EQ(source->headers().slices[1].image_position, "-8.00\\-08.0\\+2.000");
}

TEST(SourceSeries, RefusesFilesInAnotherOrder) {
  const auto slices = CtSeriesBuilder().count(2).build();
  const auto geometry = geometry_of(slices);
  EXPECT_THROW(SourceSeries::from_files(geometry, {slices[1].bytes(), slices[0].bytes()}), DicomError);
  EXPECT_THROW(SourceSeries::from_files(geometry, {slices[0].bytes()}), DicomError);
}

TEST(PatientAndStudy, AreCopiedWithEmptyValuesAndWithoutEmptySequences) {
  CtSeriesBuilder builder;
  builder.slice.with("SpecificCharacterSet", "ISO_IR 100")
      .with("PatientAge", "")
      .with("PatientComments", "as written ")
      .with("StudyDescription", "CT CAP");
  const auto source = source_of(builder.count(1).build());
  DcmDataset derived;
  const auto text = put_patient_and_study(derived, source->headers(), {"ascii"});
  EXPECT_FALSE(text.utf8());
  EXPECT_TRUE(derived.tagExists(DCM_PatientAge));
  EXPECT_EQ(read_text(derived, DCM_StudyDescription), "CT CAP");
  EXPECT_FALSE(derived.tagExists(DCM_ReferencedStudySequence));
  EXPECT_TRUE(derived.tagExists(DCM_AccessionNumber));
}

TEST(PatientAndStudy, StayAsTheyAreWhenTheyDoNotFitTheirOwnCharacterSet) {
  CtSeriesBuilder builder;
  builder.slice.with("SpecificCharacterSet", "ISO_IR 9999").with("PatientName", "M\xfcller");
  const auto source = source_of(builder.count(1).build());
  DcmDataset derived;
  const auto text = put_patient_and_study(derived, source->headers(), {"L\xc3\xa4sion"});
  EXPECT_FALSE(text.utf8());
  EXPECT_EQ(read_text(derived, DCM_PatientName), "M\xfcller");
  EXPECT_EQ(text.line("L\xc3\xa4sion"), "L?sion");
}

}  // namespace
}  // namespace punctum
