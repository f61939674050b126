#include "dicom/gsps/gsps_reader.hpp"

#include <gtest/gtest.h>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>

#include "dicom/geometry/slice_plane.hpp"
#include "dicom/types/error.hpp"
#include "dicom/types/sop_classes.hpp"
#include "tests/support/dcmtk_environment.hpp"
#include "tests/support/gsps_builder.hpp"
#include "tests/support/matchers.hpp"

namespace punctum {
namespace {

using test::CtSeriesBuilder;
using test::CtSliceBuilder;
using test::GspsBuilder;
using test::IsNearMm;
using test::TestAnnotation;
using test::TestGraphic;

TestGraphic graphic_at(std::vector<float> data) {
  TestGraphic graphic;
  graphic.data = std::move(data);
  return graphic;
}

TEST(GspsReader, PointAtPixelCentreLandsOnImagePosition) {
  const auto slice = CtSliceBuilder{}.position_mm(-120.0, -80.0, 35.0).spacing_mm(0.5, 0.5).build();
  const auto prompts = read_point_prompts(GspsBuilder{}.refers_to(slice).point(0.5, 0.5).build());
  ASSERT_EQ(prompts.size(), 1u);
  ASSERT_EQ(prompts[0].clicks.size(), 1u);
  EXPECT_EQ(prompts[0].clicks[0].drawn_on, slice.uid());
  EXPECT_EQ(prompts[0].clicks[0].sign, ClickSign::positive);
  EXPECT_EQ(prompts[0].series_instance_uid, slice.name().series_instance_uid);
  EXPECT_THAT(to_patient(prompts[0].clicks[0].point, slice.plane()), IsNearMm(-120.0, -80.0, 35.0));
}

TEST(GspsReader, PointsOnSeveralSlicesAreOneLesionInTheirOrder) {
  const auto slices = CtSeriesBuilder{}.count(3).build();
  const auto prompts = read_point_prompts(
      GspsBuilder{}.refers_to(slices[2]).point(3, 4).refers_to(slices[0]).point(5, 6).negative_point(7, 8).build());
  ASSERT_EQ(prompts.size(), 1u);
  ASSERT_EQ(prompts[0].clicks.size(), 3u);
  EXPECT_EQ(prompts[0].clicks[0].drawn_on, slices[2].uid());
  EXPECT_EQ(prompts[0].clicks[1].drawn_on, slices[0].uid());
  EXPECT_EQ(prompts[0].clicks[1].point, (ImagePoint{5, 6}));
  EXPECT_EQ(prompts[0].clicks[2].sign, ClickSign::negative);
}

TEST(GspsReader, SaysWhoMadeIt) {
  const auto slice = CtSliceBuilder{}.build();
  const auto file = GspsBuilder{}.refers_to(slice).point(1, 1).creator("Müller^Jörg").build_file();
  const auto prompt = read_point_prompts(file.bytes).at(0);
  EXPECT_EQ(prompt.presentation_state, file.name);
  EXPECT_EQ(prompt.creator.reveal(), "Müller^Jörg");
}

TEST(GspsReader, NamesInOlderCharacterSetsBecomeUtf8) {
  const auto slice = CtSliceBuilder{}.build();
  const auto bytes =
      GspsBuilder{}
          .refers_to(slice)
          .point(1, 1)
          .creator("M\xfcller^J\xf6rg")
          .edit([](DcmDataset& data) { data.putAndInsertString(DCM_SpecificCharacterSet, "ISO_IR 100"); })
          .build();
  EXPECT_EQ(read_point_prompts(bytes).at(0).creator.reveal(), "Müller^Jörg");
}

TEST(GspsReader, WeasisShapeWithOneImageIsUnderstood) {
  const auto slice = CtSliceBuilder{}.build();
  TestAnnotation annotation;
  annotation.layer = "MEASURE";
  annotation.with_empty_text_sequence = true;
  annotation.graphics = {graphic_at({2.5f, 3.5f})};
  const auto prompts = read_point_prompts(GspsBuilder{}.refers_to(slice).annotation(annotation).build());
  ASSERT_EQ(prompts.size(), 1u);
  EXPECT_EQ(prompts[0].clicks.at(0).drawn_on, slice.uid());
}

TEST(GspsReader, LayerSaysWhichClicksAreNegative) {
  const auto slice = CtSliceBuilder{}.build();
  for (const auto* layer : {"NEGATIVE", "BACKGROUND", "LESION_NEG", "negative"}) {
    TestAnnotation negative;
    negative.layer = layer;
    negative.images = {slice};
    negative.graphics = {graphic_at({8, 8})};
    const auto prompts = read_point_prompts(GspsBuilder{}.refers_to(slice).point(4, 4).annotation(negative).build());
    ASSERT_EQ(prompts.size(), 1u) << layer;
    EXPECT_EQ(prompts[0].clicks[1].sign, ClickSign::negative) << layer;
  }
}

TEST(GspsReader, OtherLayersAndNoLayerArePositive) {
  const auto slice = CtSliceBuilder{}.build();
  for (const auto& layer :
       {std::optional<std::string>("NEGATIVES"), std::optional<std::string>("DRAW"), std::optional<std::string>()}) {
    TestAnnotation annotation;
    annotation.layer = layer;
    annotation.images = {slice};
    annotation.graphics = {graphic_at({8, 8})};
    const auto prompts = read_point_prompts(GspsBuilder{}.refers_to(slice).annotation(annotation).build());
    EXPECT_EQ(prompts.at(0).clicks.at(0).sign, ClickSign::positive) << layer.value_or("none");
  }
}

TEST(GspsReader, TrackingPairNamesTheLesion) {
  const auto slice = CtSliceBuilder{}.build();
  const auto prompt = read_point_prompts(
      GspsBuilder{}.refers_to(slice).tracking("1.2.3.4.5", "Liver VII").point(1, 1).negative_point(9, 9).build());
  EXPECT_EQ(prompt.at(0).lesion.tracking_uid.str(), "1.2.3.4.5");
  EXPECT_EQ(prompt.at(0).lesion.tracking_id, "Liver VII");
  EXPECT_TRUE(prompt.at(0).lesion.given_by_viewer);
  EXPECT_EQ(prompt.at(0).clicks.size(), 2u);
}

TEST(GspsReader, WithoutTrackingTheKeyIsDerivedAndStaysTheSame) {
  const auto slice = CtSliceBuilder{}.build();
  const auto key = [&](int instance) {
    return read_point_prompts(GspsBuilder{}.refers_to(slice).point(1, 1).instance(instance).build()).at(0).lesion;
  };
  EXPECT_FALSE(key(1).given_by_viewer);
  EXPECT_EQ(key(1).tracking_uid, key(1).tracking_uid);
  EXPECT_NE(key(1).tracking_uid, key(2).tracking_uid);
  EXPECT_EQ(key(1).tracking_id, "Lesion");
}

TEST(GspsReader, LabelsAreOneShortLine) {
  const auto slice = CtSliceBuilder{}.build();
  std::string endless;
  for (int i = 0; i < 80; ++i) endless += "é";
  const auto label =
      read_point_prompts(GspsBuilder{}.refers_to(slice).tracking("1.2.3", "a\tb\n" + endless).point(1, 1).build())
          .at(0)
          .lesion.tracking_id;
  EXPECT_EQ(label.substr(0, 4), "a b ");
  EXPECT_EQ(label.size(), 4 + 60 * 2u) << "64 characters, the last one whole";
}

TEST(GspsReader, ASingleGroupOrLesionLayerIsOneLesion) {
  const auto slice = CtSliceBuilder{}.build();
  TestAnnotation grouped;
  grouped.images = {slice};
  grouped.graphics = {graphic_at({1, 1}), graphic_at({2, 2})};
  for (auto& graphic : grouped.graphics) graphic.group = 3;
  EXPECT_EQ(read_point_prompts(GspsBuilder{}.refers_to(slice).annotation(grouped).build()).at(0).clicks.size(), 2u);

  TestAnnotation on_lesion, beside;
  on_lesion.layer = "LESION_2";
  beside.layer = "LESION_2_NEG";
  on_lesion.images = beside.images = {slice};
  on_lesion.graphics = {graphic_at({1, 1})};
  beside.graphics = {graphic_at({9, 9})};
  const auto prompt =
      read_point_prompts(GspsBuilder{}.refers_to(slice).annotation(on_lesion).annotation(beside).build());
  EXPECT_EQ(prompt.at(0).clicks.size(), 2u);
  EXPECT_EQ(prompt.at(0).lesion.tracking_id, "Lesion 2");
}

TEST(GspsReader, EachSeriesGetsAPromptOfItsOwn) {
  const auto arterial = CtSliceBuilder{}.series("arterial").build();
  const auto venous = CtSliceBuilder{}.series("venous").build();
  const auto prompts = read_point_prompts(GspsBuilder{}
                                              .tracking("1.2.3", "L")
                                              .refers_to(arterial)
                                              .point(1, 1)
                                              .refers_to(venous)
                                              .point(2, 2)
                                              .point(3, 3)
                                              .build());
  ASSERT_EQ(prompts.size(), 2u);
  EXPECT_EQ(prompts[0].series_instance_uid, arterial.name().series_instance_uid);
  EXPECT_EQ(prompts[1].clicks.size(), 2u);
  EXPECT_EQ(prompts[0].lesion.tracking_uid, prompts[1].lesion.tracking_uid);
}

TEST(GspsReader, AnObjectMayHoldSeveralPointsWhenItSaysSo) {
  const auto slice = CtSliceBuilder{}.build();
  TestAnnotation annotation;
  annotation.images = {slice};
  annotation.graphics = {graphic_at({1, 2, 3, 4})};
  annotation.graphics[0].point_count = 2;
  const auto prompts = read_point_prompts(GspsBuilder{}.refers_to(slice).annotation(annotation).build());
  ASSERT_EQ(prompts.at(0).clicks.size(), 2u);
  EXPECT_EQ(prompts[0].clicks[1].point, (ImagePoint{3, 4}));
}

TEST(GspsReader, GraphicsThatAreNoPointsAreLeftAlone) {
  const auto slice = CtSliceBuilder{}.build();
  TestAnnotation drawing;
  drawing.images = {slice};
  drawing.graphics = {graphic_at({1, 2, 3, 4})};
  drawing.graphics[0].type = "POLYLINE";
  drawing.graphics[0].point_count = 2;
  const auto prompts = read_point_prompts(GspsBuilder{}.refers_to(slice).annotation(drawing).point(5, 5).build());
  EXPECT_EQ(prompts.at(0).clicks.size(), 1u);
}

TEST(GspsReader, RotatedPresentationDoesNotMovePixelPoints) {
  const auto slice = CtSliceBuilder{}.build();
  const auto bytes = GspsBuilder{}
                         .refers_to(slice)
                         .point(2.5, 3.5)
                         .edit([](DcmDataset& data) {
                           data.putAndInsertUint16(DCM_ImageRotation, 90);
                           data.putAndInsertString(DCM_ImageHorizontalFlip, "Y");
                         })
                         .build();
  EXPECT_EQ(read_point_prompts(bytes).at(0).clicks.at(0).point, (ImagePoint{2.5, 3.5}));
}

TEST(GspsReader, DisplayUnitsAreConvertedWhereTheAreaIsPlain) {
  const auto slice = CtSliceBuilder{}.size(16, 8).build();
  TestAnnotation annotation;
  annotation.images = {slice};
  annotation.graphics = {graphic_at({0.25f, 0.5f})};
  annotation.graphics[0].units = "DISPLAY";
  const auto prompts = read_point_prompts(GspsBuilder{}.refers_to(slice).annotation(annotation).build());
  EXPECT_EQ(prompts.at(0).clicks.at(0).point, (ImagePoint{4, 4}));
}

TEST(GspsReader, DisplayUnitsCountFromTheCornerOfTheArea) {
  const auto slice = CtSliceBuilder{}.size(16, 16).build();
  TestAnnotation annotation;
  annotation.images = {slice};
  annotation.graphics = {graphic_at({0.5f, 1.0f})};
  annotation.graphics[0].units = "DISPLAY";
  const auto zoomed = GspsBuilder{}
                          .refers_to(slice)
                          .annotation(annotation)
                          .edit([](DcmDataset& data) {
                            DcmItem* area = nullptr;
                            ASSERT_TRUE(data.findAndGetSequenceItem(DCM_DisplayedAreaSelectionSequence, area).good());
                            const Sint32 first[] = {5, 3}, last[] = {12, 6};  // columns 5 to 12, rows 3 to 6
                            area->putAndInsertSint32Array(DCM_DisplayedAreaTopLeftHandCorner, first, 2);
                            area->putAndInsertSint32Array(DCM_DisplayedAreaBottomRightHandCorner, last, 2);
                          })
                          .build();
  EXPECT_EQ(read_point_prompts(zoomed).at(0).clicks.at(0).point, (ImagePoint{8, 6}));
}

TEST(GspsReader, ColourPresentationStatesHaveTheSameAnnotations) {
  const auto slice = CtSliceBuilder{}.build();
  const auto bytes = GspsBuilder{}
                         .refers_to(slice)
                         .point(1, 1)
                         .sop_class(std::string(sop_class::color_softcopy_presentation_state_storage))
                         .build();
  EXPECT_EQ(read_point_prompts(bytes).size(), 1u);
}

TEST(GspsReader, PointsOnTheFarEdgeAreKept) {
  const auto slice = CtSliceBuilder{}.size(16, 16).build();
  EXPECT_EQ(read_point_prompts(GspsBuilder{}.refers_to(slice).point(16, 16).build()).at(0).clicks.at(0).point,
            (ImagePoint{16, 16}));
}

TEST(GspsReader, SixtyFourPointsAreStillAClick) {
  const auto slice = CtSliceBuilder{}.build();
  GspsBuilder builder;
  builder.refers_to(slice);
  for (int i = 0; i < 64; ++i) builder.point(i % 16, i / 16);
  EXPECT_EQ(read_point_prompts(builder.build()).at(0).clicks.size(), 64u);
}

}  // namespace
}  // namespace punctum
