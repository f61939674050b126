#include "dicom/seg/seg_writer.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <gtest/gtest.h>

#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "dicom/types/error.hpp"
#include "tests/support/matchers.hpp"
#include "tests/unit/modules/derived_fixture.hpp"

namespace punctum {
namespace {

using namespace test;

std::unique_ptr<DcmDataset> parsed(const Part10File& file) { return parse_part10(file.bytes, Extent::whole); }

DcmItem& only_item(DcmItem& item, const DcmTagKey& sequence) {
  const auto items = read_items(item, sequence);
  if (items.size() != 1) throw std::runtime_error("expected one item in " + describe(sequence));
  return *items.front();
}

TEST(SegWriter, FramesNameTheirSourceSliceAndRepeatItsPosition) {
  CtSeriesBuilder series;
  series.slice.with("ImagePositionPatient", "0\\0\\0");
  series.count(5).each([](CtSliceBuilder& slice, int z) {
    slice.with("ImagePositionPatient", "-8.00\\-08.0\\+" + std::to_string(2 * z) + ".000");
  });
  const auto slices = series.build();
  const auto source = source_of(slices);
  const auto mask = mask_where(source->geometry(), [](int x, int y, int z) { return z == 1 || (z == 3 && x == y); });

  const auto dataset = parsed(write_segmentation(mask, *source, identity_for(source->geometry())));

  const auto frames = read_items(*dataset, DCM_PerFrameFunctionalGroupsSequence);
  ASSERT_EQ(frames.size(), 2u);
  const std::vector<int> used{1, 3};
  for (std::size_t i = 0; i < 2; ++i) {
    auto& derivation = only_item(*frames[i], DCM_DerivationImageSequence);
    auto& image = only_item(derivation, DCM_SourceImageSequence);
    EXPECT_EQ(read_uid(image, DCM_ReferencedSOPInstanceUID), slices[static_cast<std::size_t>(used[i])].uid());
    EXPECT_EQ(read_text(image, DCM_SpatialLocationsPreserved), "YES");
    EXPECT_EQ(read_values(only_item(*frames[i], DCM_PlanePositionSequence), DCM_ImagePositionPatient)[2],
              "+" + std::to_string(2 * used[i]) + ".000");
    EXPECT_EQ(read_numbers(only_item(*frames[i], DCM_FrameContentSequence), DCM_DimensionIndexValues),
              (std::vector<double>{1, static_cast<double>(i + 1)}));
  }
}

TEST(SegWriter, ReferencesAllSlicesUsedNotOnlyThoseWithVoxels) {
  const auto source = source_of(CtSeriesBuilder().count(7).build());
  const auto mask = mask_where(source->geometry(), [](int, int, int z) { return z == 2; });
  const auto dataset = parsed(write_segmentation(mask, *source, identity_for(source->geometry())));
  auto& series = only_item(*dataset, DCM_ReferencedSeriesSequence);
  EXPECT_EQ(read_items(series, DCM_ReferencedInstanceSequence).size(), 7u);
  EXPECT_EQ(read_number(*dataset, DCM_NumberOfFrames), 1);
}

TEST(SegWriter, SegmentCarriesTrackingPairAndAlgorithmWithDigest) {
  const auto source = source_of(CtSeriesBuilder().count(3).build());
  const auto identity = identity_for(source->geometry());
  const auto dataset = parsed(write_segmentation(ragged_ball(source->geometry(), 5), *source, identity));

  auto& segment = only_item(*dataset, DCM_SegmentSequence);
  EXPECT_EQ(read_text(segment, DCM_SegmentAlgorithmType), "SEMIAUTOMATIC");
  EXPECT_EQ(read_uid(segment, DCM_TrackingUID), identity.lesion.tracking_uid);
  EXPECT_EQ(read_text(segment, DCM_TrackingID), "Lesion 1");
  auto& algorithm = only_item(segment, DCM_SegmentationAlgorithmIdentificationSequence);
  EXPECT_EQ(read_text(only_item(algorithm, DCM_AlgorithmFamilyCodeSequence), DCM_CodeValue), "123110");
  EXPECT_EQ(read_text(algorithm, DCM_AlgorithmVersion), "1.0.0");
  EXPECT_NE(read_text(algorithm, DCM_AlgorithmParameters)->find(identity.model_digest.hex), std::string::npos);
  EXPECT_EQ(read_text(*dataset, DCM_SegmentsOverlap), "NO");
  EXPECT_EQ(read_text(*dataset, DCM_SeriesDescription), "Lesion 1, round 1");
}

TEST(SegWriter, SameClickGivesSameBytes) {
  const auto source = source_of(CtSeriesBuilder().count(3).build());
  const auto mask = ragged_ball(source->geometry(), 5);
  const auto identity = identity_for(source->geometry());
  EXPECT_EQ(write_segmentation(mask, *source, identity).bytes, write_segmentation(mask, *source, identity).bytes);
}

TEST(SegWriter, PatientTextKeepsTheScannersCharacterSet) {
  CtSeriesBuilder series;
  series.slice.with("SpecificCharacterSet", "ISO_IR 100").with("PatientName", "M\xfcller^J\xf6rg");
  const auto source = source_of(series.count(3).build());
  const auto dataset =
      parsed(write_segmentation(ragged_ball(source->geometry(), 5), *source, identity_for(source->geometry())));
  EXPECT_EQ(read_text(*dataset, DCM_SpecificCharacterSet), "ISO_IR 100");
  EXPECT_EQ(read_text(*dataset, DCM_PatientName), "M\xfcller^J\xf6rg");
}

TEST(SegWriter, BecomesUtf8WhereALabelNeedsIt) {
  CtSeriesBuilder series;
  series.slice.with("SpecificCharacterSet", "ISO_IR 100").with("PatientName", "M\xfcller^J\xf6rg");
  const auto source = source_of(series.count(3).build());
  auto identity = identity_for(source->geometry());
  identity.lesion.tracking_id = "L\xc3\xa4sion \xe7\x97\x85";
  const auto dataset = parsed(write_segmentation(ragged_ball(source->geometry(), 5), *source, identity));
  EXPECT_EQ(read_text(*dataset, DCM_SpecificCharacterSet), "ISO_IR 192");
  EXPECT_EQ(read_text(*dataset, DCM_PatientName), "M\xc3\xbcller^J\xc3\xb6rg");
  EXPECT_EQ(read_text(only_item(*dataset, DCM_SegmentSequence), DCM_SegmentLabel), "L\xc3\xa4sion \xe7\x97\x85");
}

TEST(SegWriter, RefusesAnEmptyMask) {
  const auto source = source_of(CtSeriesBuilder().count(3).build());
  const auto empty = mask_where(source->geometry(), [](int, int, int) { return false; });
  const auto message =
      PUNCTUM_MESSAGE_OF(DicomError, write_segmentation(empty, *source, identity_for(source->geometry())));
  EXPECT_NE(message.find("segment 1 has no voxel"), std::string::npos) << message;
}

TEST(SegWriter, RefusesAMaskOnOtherSlices) {
  CtSeriesBuilder other;
  other.slice.series("another series");
  const auto source = source_of(CtSeriesBuilder().count(3).build());
  const auto mask = ragged_ball(geometry_of(other.count(3).build()), 5);
  EXPECT_THROW(write_segmentation(mask, *source, identity_for(source->geometry())), GeometryError);
}

}  // namespace
}  // namespace punctum
