#include <gtest/gtest.h>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>

#include <limits>

#include "dicom/gsps/gsps_reader.hpp"
#include "dicom/types/error.hpp"
#include "dicom/types/sop_classes.hpp"
#include "tests/support/gsps_builder.hpp"
#include "tests/support/matchers.hpp"

/// Every way in which a presentation state alone keeps from being a click on a lesion (dicom-objects 1.5), and what the
/// reader is told.
namespace punctum {
namespace {

using test::CtSeriesBuilder;
using test::CtSliceBuilder;
using test::GspsBuilder;
using test::TestAnnotation;
using test::TestGraphic;
using testing::HasSubstr;

const test::TestSlice& slice() {
  static const auto built = CtSliceBuilder{}.build();
  return built;
}

/// A presentation state over one image with one graphic that a test spoils.
GspsBuilder with_graphic(const std::function<void(TestGraphic&)>& spoil) {
  TestAnnotation annotation;
  annotation.images = {slice()};
  annotation.graphics.resize(1);
  annotation.graphics[0].data = {4, 5};
  spoil(annotation.graphics[0]);
  return GspsBuilder{}.refers_to(slice()).annotation(annotation);
}

std::string refusal_of(const GspsBuilder& builder) {
  const auto bytes = builder.build();
  return PUNCTUM_MESSAGE_OF(Refusal, read_point_prompts(bytes));
}

TEST(GspsRefusals, NoAnnotation) {
  EXPECT_THAT(refusal_of(GspsBuilder{}.refers_to(slice())), HasSubstr("holds no annotation"));
}

TEST(GspsRefusals, TextWithoutPoint) {
  const auto builder = GspsBuilder{}.refers_to(slice()).edit([](DcmDataset& data) {
    DcmItem* annotation = nullptr;
    DcmItem* text = nullptr;
    ASSERT_TRUE(data.findOrCreateSequenceItem(DCM_GraphicAnnotationSequence, annotation, -2).good());
    ASSERT_TRUE(annotation->findOrCreateSequenceItem(DCM_TextObjectSequence, text, -2).good());
    ASSERT_TRUE(text->putAndInsertString(DCM_UnformattedTextValue, "here").good());
  });
  EXPECT_THAT(refusal_of(builder), HasSubstr("holds text but no point"));
}

TEST(GspsRefusals, OtherGraphicsWithoutPoint) {
  EXPECT_THAT(refusal_of(with_graphic([](TestGraphic& graphic) {
                graphic.type = "CIRCLE";
                graphic.point_count = 2;
                graphic.data = {4, 4, 6, 4};
              })),
              HasSubstr("holds graphics (CIRCLE) but no point"));
}

TEST(GspsRefusals, CompoundGraphicsWithoutPoint) {
  const auto builder = GspsBuilder{}.refers_to(slice()).edit([](DcmDataset& data) {
    DcmItem* annotation = nullptr;
    DcmItem* compound = nullptr;
    ASSERT_TRUE(data.findOrCreateSequenceItem(DCM_GraphicAnnotationSequence, annotation, -2).good());
    for (const auto* type : {"CROSSHAIR", "ARROW"}) {
      ASSERT_TRUE(annotation->findOrCreateSequenceItem(DCM_CompoundGraphicSequence, compound, -2).good());
      ASSERT_TRUE(compound->putAndInsertString(DCM_CompoundGraphicType, type).good());
    }
  });
  EXPECT_EQ(
      refusal_of(builder),
      "The presentation state holds compound graphics (ARROW, CROSSHAIR) but no point. Please mark the lesion with "
      "a point.");
}

TEST(GspsRefusals, OnlyNegativePoints) {
  EXPECT_THAT(refusal_of(GspsBuilder{}.refers_to(slice()).negative_point(1, 1)),
              HasSubstr("Please add a click on the lesion"));
}

TEST(GspsRefusals, OnlyNegativePointsOnOneOfTwoSeries) {
  const auto other = CtSliceBuilder{}.series("other").build();
  EXPECT_THAT(refusal_of(GspsBuilder{}.refers_to(slice()).point(1, 1).refers_to(other).negative_point(1, 1)),
              HasSubstr("where the lesion is not"));
}

TEST(GspsRefusals, MatrixUnits) {
  EXPECT_THAT(refusal_of(with_graphic([](TestGraphic& graphic) { graphic.units = "MATRIX"; })),
              HasSubstr("units MATRIX, expected Graphic Annotation Units PIXEL"));
}

TEST(GspsRefusals, MissingUnits) {
  EXPECT_THAT(refusal_of(with_graphic([](TestGraphic& graphic) { graphic.units.reset(); })),
              HasSubstr("no stated units"));
}

TEST(GspsRefusals, DisplayUnitsInARotatedState) {
  const auto rotated = with_graphic([](TestGraphic& graphic) {
                         graphic.units = "DISPLAY";
                         graphic.data = {0.5f, 0.5f};
                       }).edit([](DcmDataset& data) { data.putAndInsertUint16(DCM_ImageRotation, 90); });
  EXPECT_THAT(refusal_of(rotated), HasSubstr("rotates or flips"));
}

TEST(GspsRefusals, DisplayUnitsInAFlippedState) {
  const auto flipped = with_graphic([](TestGraphic& graphic) {
                         graphic.units = "DISPLAY";
                         graphic.data = {0.5f, 0.5f};
                       }).edit([](DcmDataset& data) { data.putAndInsertString(DCM_ImageHorizontalFlip, "Y"); });
  EXPECT_THAT(refusal_of(flipped), HasSubstr("rotates or flips"));
}

TEST(GspsRefusals, DisplayUnitsWithoutDisplayedArea) {
  const auto builder = with_graphic([](TestGraphic& graphic) {
                         graphic.units = "DISPLAY";
                         graphic.data = {0.5f, 0.5f};
                       }).edit([](DcmDataset& data) { data.findAndDeleteElement(DCM_DisplayedAreaSelectionSequence); });
  EXPECT_THAT(refusal_of(builder), HasSubstr("does not say which area"));
}

TEST(GspsRefusals, DisplayUnitsOutsideTheArea) {
  EXPECT_THAT(refusal_of(with_graphic([](TestGraphic& graphic) { graphic.units = "DISPLAY"; })),
              HasSubstr("outside of that area"));
}

TEST(GspsRefusals, PointCountThatDoesNotFitTheData) {
  EXPECT_THAT(refusal_of(with_graphic([](TestGraphic& graphic) { graphic.point_count = 3; })),
              HasSubstr("announces 3 point(s) but has 2 coordinates"));
  EXPECT_THAT(refusal_of(with_graphic([](TestGraphic& graphic) { graphic.data = {1, 2, 3}; })),
              HasSubstr("but has 3 coordinates"));
  EXPECT_THAT(refusal_of(with_graphic([](TestGraphic& graphic) { graphic.data = {1, 2, 3, 4}; })),
              HasSubstr("announces 1 point(s) but has 4 coordinates"));
}

TEST(GspsRefusals, PointWithoutCoordinates) {
  EXPECT_THAT(refusal_of(with_graphic([](TestGraphic& graphic) { graphic.data.clear(); })),
              HasSubstr("no coordinates"));
}

TEST(GspsRefusals, ThreeDimensionalPoints) {
  EXPECT_THAT(refusal_of(with_graphic([](TestGraphic& graphic) { graphic.dimensions = 3; })), HasSubstr("dimensions"));
}

TEST(GspsRefusals, CoordinatesThatAreNotNumbers) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    EXPECT_THAT(refusal_of(with_graphic([bad](TestGraphic& graphic) { graphic.data = {bad, 1}; })),
                HasSubstr("not numbers"));
  }
}

TEST(GspsRefusals, CoordinatesOutsideOfAnyImage) {
  EXPECT_THAT(refusal_of(with_graphic([](TestGraphic& graphic) { graphic.data = {-0.5f, 1}; })),
              HasSubstr("outside of its image: column -0.5"));
  EXPECT_THAT(refusal_of(with_graphic([](TestGraphic& graphic) { graphic.data = {1, 1e30f}; })),
              HasSubstr("outside of its image"));
}

TEST(GspsRefusals, PointThatAppliesToSeveralImages) {
  const auto slices = CtSeriesBuilder{}.count(3).build();
  GspsBuilder weasis;
  for (const auto& one : slices) weasis.refers_to(one);
  EXPECT_THAT(refusal_of(weasis.references_only_at_top_level().point(4, 4)),
              HasSubstr("applies to all 3 images of the presentation state"));
}

TEST(GspsRefusals, PointOnTwoImagesAtOnce) {
  const auto slices = CtSeriesBuilder{}.count(2).build();
  TestAnnotation annotation;
  annotation.images = slices;
  annotation.graphics.resize(1);
  annotation.graphics[0].data = {4, 5};
  EXPECT_THAT(refusal_of(GspsBuilder{}.refers_to(slices[0]).refers_to(slices[1]).annotation(annotation)),
              HasSubstr("drawn on 2 images at once"));
}

TEST(GspsRefusals, PointOnAnImageThatTheStateDoesNotList) {
  const auto foreign = CtSliceBuilder{}.series("foreign").build();
  TestAnnotation annotation;
  annotation.images = {foreign};
  annotation.graphics.resize(1);
  annotation.graphics[0].data = {4, 5};
  EXPECT_THAT(refusal_of(GspsBuilder{}.refers_to(slice()).annotation(annotation)),
              HasSubstr("does not list among its images"));
}

TEST(GspsRefusals, StateThatRefersToNothing) {
  EXPECT_THAT(refusal_of(GspsBuilder{}.point(1, 1)), HasSubstr("does not refer to any image"));
}

TEST(GspsRefusals, OneImageListedUnderTwoSeries) {
  const auto builder = GspsBuilder{}.refers_to(slice()).point(1, 1).edit([](DcmDataset& data) {
    DcmItem* series = nullptr;
    DcmItem* image = nullptr;
    ASSERT_TRUE(data.findOrCreateSequenceItem(DCM_ReferencedSeriesSequence, series, -2).good());
    ASSERT_TRUE(series->putAndInsertString(DCM_SeriesInstanceUID, "1.2.3").good());
    ASSERT_TRUE(series->findOrCreateSequenceItem(DCM_ReferencedImageSequence, image, -2).good());
    ASSERT_TRUE(image->putAndInsertString(DCM_ReferencedSOPInstanceUID, slice().uid().str().c_str()).good());
  });
  EXPECT_THAT(refusal_of(builder), HasSubstr("under two different series"));
}

TEST(GspsRefusals, ClickOnAnImageThatIsNotCt) {
  const auto mr = CtSliceBuilder{}.with("SOPClassUID", "1.2.840.10008.5.1.4.1.1.4").build();
  EXPECT_THAT(refusal_of(GspsBuilder{}.refers_to(mr).point(1, 1)), HasSubstr("drawn on an image that is not CT"));
}

TEST(GspsRefusals, ClickOnEnhancedCt) {
  const auto enhanced = CtSliceBuilder{}.with("SOPClassUID", std::string(sop_class::enhanced_ct_image_storage)).build();
  EXPECT_THAT(refusal_of(GspsBuilder{}.refers_to(enhanced).point(1, 1)), HasSubstr("Enhanced (multi-frame) CT"));
}

TEST(GspsRefusals, ClickOnTheSecondFrame) {
  TestAnnotation annotation;
  annotation.images = {slice()};
  annotation.frame = 2;
  annotation.graphics.resize(1);
  annotation.graphics[0].data = {4, 5};
  EXPECT_THAT(refusal_of(GspsBuilder{}.refers_to(slice()).annotation(annotation)), HasSubstr("multi-frame image"));
}

TEST(GspsRefusals, SeveralTrackingUids) {
  EXPECT_THAT(
      refusal_of(
          GspsBuilder{}.refers_to(slice()).tracking("1.2.3", "A").point(1, 1).tracking("1.2.4", "B").point(9, 9)),
      HasSubstr("speaks of 2 lesions"));
}

TEST(GspsRefusals, SeveralGroups) {
  TestAnnotation annotation;
  annotation.images = {slice()};
  annotation.graphics.resize(2);
  annotation.graphics[0].data = annotation.graphics[1].data = {4, 5};
  annotation.graphics[0].group = 1;
  annotation.graphics[1].group = 2;
  EXPECT_THAT(refusal_of(GspsBuilder{}.refers_to(slice()).annotation(annotation)), HasSubstr("speaks of 2 lesions"));
}

TEST(GspsRefusals, SeveralLesionLayers) {
  GspsBuilder builder;
  builder.refers_to(slice());
  for (const auto* layer : {"LESION_1", "LESION_2"}) {
    TestAnnotation annotation;
    annotation.layer = layer;
    annotation.images = {slice()};
    annotation.graphics.resize(1);
    annotation.graphics[0].data = {4, 5};
    builder.annotation(annotation);
  }
  EXPECT_THAT(refusal_of(builder), HasSubstr("speaks of 2 lesions"));
}

TEST(GspsRefusals, TrackingUidThatIsNone) {
  EXPECT_THAT(refusal_of(GspsBuilder{}.refers_to(slice()).tracking("lesion 1", "L").point(1, 1)),
              HasSubstr("Tracking UID that is not a UID"));
}

TEST(GspsRefusals, MoreThanSixtyFourPoints) {
  GspsBuilder builder;
  builder.refers_to(slice());
  for (int i = 0; i < 65; ++i) builder.point(i % 16, i / 16);
  EXPECT_THAT(refusal_of(builder), HasSubstr("more than 64 clicks"));
}

TEST(GspsRefusals, OtherPresentationStates) {
  for (const auto* sop_class :
       {"1.2.840.10008.5.1.4.1.1.11.4", "1.2.840.10008.5.1.4.1.1.11.6", "1.2.840.10008.5.1.4.1.1.2"}) {
    EXPECT_THAT(refusal_of(GspsBuilder{}.refers_to(slice()).point(1, 1).sop_class(sop_class)),
                HasSubstr("not a softcopy presentation state whose clicks can be used"));
  }
}

TEST(GspsRefusals, OnePointThatCannotBeUsedRefusesTheWholeSheet) {
  TestAnnotation spoiled;
  spoiled.images = {slice()};
  spoiled.graphics.resize(1);
  spoiled.graphics[0].data = {-3, 5};
  EXPECT_THAT(refusal_of(GspsBuilder{}.refers_to(slice()).point(4, 4).annotation(spoiled)),
              HasSubstr("outside of its image"));
}

TEST(GspsRefusals, SentencesHoldNoPatientAndNoReader) {
  const auto text = refusal_of(GspsBuilder{}.refers_to(slice()).creator("SECRET^READER"));
  EXPECT_THAT(text, testing::Not(HasSubstr("SECRET")));
  EXPECT_THAT(text, testing::Not(HasSubstr("PHANTOM")));
}

}  // namespace
}  // namespace punctum
