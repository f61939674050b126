// How a presentation state may be encoded, and what it may hold beside its points: nothing of it moves a click.
#include <gtest/gtest.h>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcfilefo.h>

#include <algorithm>

#include "dicom/dcmtk/part10.hpp"
#include "dicom/gsps/gsps_reader.hpp"
#include "tests/support/files.hpp"
#include "tests/support/gsps_builder.hpp"
#include "tests/support/temp_dir.hpp"

namespace punctum {
namespace {

using test::CtSliceBuilder;
using test::GspsBuilder;

const test::TestSlice& slice() {
  static const auto built = CtSliceBuilder{}.build();
  return built;
}

GspsBuilder two_clicks() {
  return GspsBuilder{}.refers_to(slice()).tracking("1.2.3", "L").point(4.5, 5.5).negative_point(9, 9);
}

void expect_the_two_clicks(ByteView part10) {
  const auto prompts = read_point_prompts(part10);
  ASSERT_EQ(prompts.size(), 1u);
  EXPECT_EQ(prompts[0].lesion.tracking_uid.str(), "1.2.3");
  ASSERT_EQ(prompts[0].clicks.size(), 2u);
  EXPECT_EQ(prompts[0].clicks[0].point, (ImagePoint{4.5, 5.5}));
  EXPECT_EQ(prompts[0].clicks[0].drawn_on, slice().uid());
  EXPECT_EQ(prompts[0].clicks[1].sign, ClickSign::negative);
}

/// The same object as a writer saves it that does not count ahead: sequences and items of undefined length.
Bytes in_undefined_lengths(ByteView part10, E_TransferSyntax syntax) {
  const test::TempDir folder;
  const auto path = folder / "gsps.dcm";
  DcmFileFormat file(parse_part10(part10, Extent::whole).get());
  EXPECT_TRUE(file.saveFile(path.c_str(), syntax, EET_UndefinedLength).good());
  return test::read_file(path);
}

void put_private(DcmItem& item) {
  ASSERT_TRUE(item.putAndInsertString(DcmTag(0x0071, 0x0010, EVR_LO), "SOME VIEWER").good());
  ASSERT_TRUE(item.putAndInsertString(DcmTag(0x0071, 0x1001, EVR_LO), "POINT").good());
  DcmItem* inner = nullptr;
  ASSERT_TRUE(item.findOrCreateSequenceItem(DcmTag(0x0071, 0x1002, EVR_SQ), inner, -2).good());
  DcmItem* graphic = nullptr;  // what a private sequence holds is nobody's click
  ASSERT_TRUE(inner->findOrCreateSequenceItem(DCM_GraphicObjectSequence, graphic, -2).good());
  ASSERT_TRUE(graphic->putAndInsertString(DCM_GraphicType, "POINT").good());
}

void put_private_everywhere(DcmDataset& data) {
  DcmItem* annotation = nullptr;
  DcmItem* graphic = nullptr;
  ASSERT_TRUE(data.findAndGetSequenceItem(DCM_GraphicAnnotationSequence, annotation).good());
  ASSERT_TRUE(annotation->findAndGetSequenceItem(DCM_GraphicObjectSequence, graphic).good());
  for (auto* item : {static_cast<DcmItem*>(&data), annotation, graphic}) put_private(*item);
}

TEST(GspsEncoding, UndefinedLengthsAndPrivateElementsAreReadAsUsual) {
  const auto file = two_clicks().edit(put_private_everywhere).build();
  expect_the_two_clicks(file);
  for (const auto syntax : {EXS_LittleEndianExplicit, EXS_LittleEndianImplicit, EXS_BigEndianExplicit}) {
    SCOPED_TRACE(DcmXfer(syntax).getXferName());
    const auto undefined = in_undefined_lengths(file, syntax);
    ASSERT_FALSE(std::ranges::search(undefined, Bytes(4, std::byte{0xff})).empty()) << "no undefined length in it";
    expect_the_two_clicks(undefined);
  }
}

TEST(GspsEncoding, NamesInIso2022BecomeUtf8) {
  // PS3.5 H.3.1: "Yamada^Tarou" in the default repertoire, in ideographs and in kana.
  const auto file =
      GspsBuilder{}
          .refers_to(slice())
          .point(1, 1)
          .creator("Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B")
          .edit([](DcmDataset& data) { data.putAndInsertString(DCM_SpecificCharacterSet, "\\ISO 2022 IR 87"); })
          .build();
  EXPECT_EQ(read_point_prompts(file).at(0).creator.reveal(), "Yamada^Tarou=山田^太郎=やまだ^たろう");
}

void put_shutter(DcmItem& item) {  // the clicks lie outside of it
  item.putAndInsertString(DCM_ShutterShape, "RECTANGULAR");
  item.putAndInsertString(DCM_ShutterLeftVerticalEdge, "13");
  item.putAndInsertString(DCM_ShutterRightVerticalEdge, "16");
  item.putAndInsertString(DCM_ShutterUpperHorizontalEdge, "13");
  item.putAndInsertString(DCM_ShutterLowerHorizontalEdge, "16");
  item.putAndInsertUint16(DCM_ShutterPresentationValue, 0);
}

void put_mask(DcmItem& item) {
  DcmItem* mask = nullptr;
  ASSERT_TRUE(item.findOrCreateSequenceItem(DCM_MaskSubtractionSequence, mask, -2).good());
  mask->putAndInsertString(DCM_MaskOperation, "AVG_SUB");
  mask->putAndInsertUint16(DCM_MaskFrameNumbers, 1);
  item.putAndInsertString(DCM_RecommendedViewingMode, "SUB");
}

void put_overlay(DcmItem& item) {
  const Sint16 origin[] = {5, 5};
  const std::vector<Uint16> bits(16, 0xffff);
  item.putAndInsertUint16(DCM_OverlayRows, 16);
  item.putAndInsertUint16(DCM_OverlayColumns, 16);
  item.putAndInsertString(DCM_OverlayType, "G");
  item.putAndInsertSint16Array(DCM_OverlayOrigin, origin, 2);
  item.putAndInsertUint16(DCM_OverlayBitsAllocated, 1);
  item.putAndInsertUint16(DCM_OverlayBitPosition, 0);
  item.putAndInsertUint16Array(DCM_OverlayData, bits.data(), bits.size());
  item.putAndInsertString(DcmTag(0x6000, 0x1001, EVR_CS), "NEGATIVE");  // Overlay Activation Layer
}

TEST(GspsEncoding, ShutterMaskAndOverlayChangeNothing) {
  const auto file = two_clicks()
                        .edit([](DcmDataset& data) {
                          put_shutter(data);
                          put_mask(data);
                          put_overlay(data);
                          ASSERT_TRUE(data.tagExists(DCM_ShutterShape) && data.tagExists(DCM_OverlayData));
                        })
                        .build();
  expect_the_two_clicks(file);
}

}  // namespace
}  // namespace punctum
