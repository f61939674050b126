#include <gtest/gtest.h>

#include "dicom/ct/ct_slice_reader.hpp"
#include "dicom/types/error.hpp"
#include "dicom/types/sop_classes.hpp"
#include "tests/support/ct_slice_builder.hpp"
#include "tests/support/dcmtk_environment.hpp"
#include "tests/support/files.hpp"
#include "tests/support/matchers.hpp"

namespace punctum {
namespace {

using test::CtSliceBuilder;
using testing::HasSubstr;

TEST(CtSliceHeader, SaysWhereTheImageLies) {
  const auto slice = CtSliceBuilder{}
                         .size(20, 10)
                         .position_mm(-12.5, 30, -143.25)
                         .direction({0.8, 0.6, 0}, {-0.6, 0.8, 0})
                         .spacing_mm(0.7, 0.5)
                         .thickness_mm(3)
                         .acquisition(4)
                         .instance(17)
                         .with("GantryDetectorTilt", "-18.5")
                         .build();
  const auto header = read_ct_slice_header(slice.bytes());
  EXPECT_EQ(header.placed.instance, slice.name());
  EXPECT_EQ(header.placed.plane.columns, 20);
  EXPECT_EQ(header.placed.plane.rows, 10);
  EXPECT_DOUBLE_EQ(header.placed.plane.row_spacing_mm, 0.7);
  EXPECT_DOUBLE_EQ(header.placed.plane.column_spacing_mm, 0.5);
  EXPECT_THAT(header.placed.plane.position_mm, test::IsNearMm(-12.5, 30, -143.25));
  EXPECT_THAT(header.placed.plane.row_direction, test::IsNearMm(0.8, 0.6, 0));
  EXPECT_THAT(header.placed.plane.column_direction, test::IsNearMm(-0.6, 0.8, 0));
  EXPECT_EQ(header.acquisition_number, 4);
  EXPECT_EQ(header.instance_number, 17);
  EXPECT_EQ(header.slice_thickness_mm, 3.0);
  EXPECT_DOUBLE_EQ(header.gantry_tilt_deg, -18.5);
  EXPECT_DOUBLE_EQ(header.rescale_intercept, -1024);
  EXPECT_TRUE(header.frame_of_reference_uid.has_value());
  EXPECT_FALSE(is_localizer(header));
}

TEST(CtSliceHeader, RoundedDirectionsBecomeUnitVectorsAgain) {
  const auto slice = CtSliceBuilder{}.with("ImageOrientationPatient", "1\\0\\0\\0\\0.9483\\-0.3173").build();
  const auto plane = read_ct_slice_header(slice.bytes()).placed.plane;
  EXPECT_NEAR(dot(plane.column_direction, plane.column_direction), 1, 1e-12);
  EXPECT_NEAR(dot(plane.column_direction, plane.row_direction), 0, 1e-12);
}

TEST(CtSliceHeader, OptionalAttributesMayBeMissing) {
  const auto slice = CtSliceBuilder{}
                         .without("SliceThickness")
                         .without("AcquisitionNumber")
                         .without("InstanceNumber")
                         .without("FrameOfReferenceUID")
                         .without("ImageType")
                         .build();
  const auto header = read_ct_slice_header(slice.bytes());
  EXPECT_FALSE(header.slice_thickness_mm);
  EXPECT_FALSE(header.acquisition_number);
  EXPECT_FALSE(header.instance_number);
  EXPECT_FALSE(header.frame_of_reference_uid);
  EXPECT_TRUE(header.image_type.empty());
}

TEST(CtSliceHeader, KnowsALocalizerByItsImageType) {
  const auto slice = CtSliceBuilder{}.image_type("ORIGINAL\\PRIMARY\\LOCALIZER").without("RescaleSlope").build();
  EXPECT_TRUE(is_localizer(read_ct_slice_header(slice.bytes())));
}

TEST(CtSliceHeader, RefusesAnImageWithoutPosition) {
  const auto slice = CtSliceBuilder{}.without("ImagePositionPatient").build();
  EXPECT_THAT(PUNCTUM_MESSAGE_OF(Refusal, read_ct_slice_header(slice.bytes())),
              HasSubstr("does not say where it lies ((0020,0032) ImagePositionPatient is missing)"));
}

TEST(CtSliceHeader, RefusesAnImageWithoutOrientationOrPixelSpacing) {
  EXPECT_THAT(PUNCTUM_MESSAGE_OF(
                  Refusal, read_ct_slice_header(CtSliceBuilder{}.without("ImageOrientationPatient").build().bytes())),
              HasSubstr("how it is oriented"));
  EXPECT_THAT(
      PUNCTUM_MESSAGE_OF(Refusal, read_ct_slice_header(CtSliceBuilder{}.without("PixelSpacing").build().bytes())),
      HasSubstr("how large its pixels are"));
}

TEST(CtSliceHeader, RefusesAnImageThatIsNotCt) {
  const auto slice = CtSliceBuilder{}.with("SOPClassUID", "1.2.840.10008.5.1.4.1.1.4").build();
  EXPECT_THAT(PUNCTUM_MESSAGE_OF(Refusal, read_ct_slice_header(slice.bytes())), HasSubstr("is not a CT image"));
}

TEST(CtSliceHeader, RefusesEnhancedCtAndSeveralFrames) {
  const auto enhanced = CtSliceBuilder{}.with("SOPClassUID", std::string(sop_class::enhanced_ct_image_storage)).build();
  EXPECT_THAT(PUNCTUM_MESSAGE_OF(Refusal, read_ct_slice_header(enhanced.bytes())),
              HasSubstr("Enhanced (multi-frame) CT"));
  const auto frames = CtSliceBuilder{}.with("NumberOfFrames", "2").build();
  EXPECT_THAT(PUNCTUM_MESSAGE_OF(Refusal, read_ct_slice_header(frames.bytes())), HasSubstr("several frames"));
}

TEST(CtSliceHeader, RefusesPixelsThatAreNoHounsfieldUnits) {
  EXPECT_THAT(
      PUNCTUM_MESSAGE_OF(Refusal, read_ct_slice_header(CtSliceBuilder{}.without("RescaleIntercept").build().bytes())),
      HasSubstr("RescaleIntercept is missing"));
  EXPECT_THAT(
      PUNCTUM_MESSAGE_OF(Refusal, read_ct_slice_header(CtSliceBuilder{}.with("RescaleSlope", "0").build().bytes())),
      HasSubstr("RescaleSlope is zero"));
  EXPECT_THAT(
      PUNCTUM_MESSAGE_OF(Refusal, read_ct_slice_header(CtSliceBuilder{}.with("RescaleType", "Z_EFF").build().bytes())),
      HasSubstr("Rescale Type is Z_EFF"));
}

TEST(CtSliceHeader, NumbersThatAreNoneAreErrorsNotGuesses) {
  for (const auto* position : {"1\\2", "1\\2\\3\\4", "1\\2\\x", "1\\2\\nan", "1,5\\2\\3", "1\\2\\1e999"}) {
    const auto slice = CtSliceBuilder{}.with("ImagePositionPatient", position).build();
    EXPECT_THROW(read_ct_slice_header(slice.bytes()), DicomError) << position;
  }
  EXPECT_THROW(read_ct_slice_header(CtSliceBuilder{}.with("PixelSpacing", "0\\1").build().bytes()), DicomError);
  EXPECT_THROW(
      read_ct_slice_header(CtSliceBuilder{}.with("ImageOrientationPatient", "1\\0\\0\\1\\0\\0").build().bytes()),
      DicomError);
}

TEST(CtSliceHeader, MessagesHoldNoPatientNames) {
  const auto slice = CtSliceBuilder{}.patient("SECRET^NAME", "SECRET-ID").without("ImagePositionPatient").build();
  EXPECT_THAT(PUNCTUM_MESSAGE_OF(Refusal, read_ct_slice_header(slice.bytes())), testing::Not(HasSubstr("SECRET")));
}

TEST(CtSliceHeader, RefusesTheRealEnhancedCt) {
  const auto folder = PUNCTUM_DATA_OR_SKIP("enhanced-ct-seg-pydicom-data");
  EXPECT_THAT(PUNCTUM_MESSAGE_OF(Refusal, read_ct_slice_header(test::read_file(folder / "eCT_Supplemental.dcm"))),
              HasSubstr("Enhanced (multi-frame) CT"));
}

}  // namespace
}  // namespace punctum
