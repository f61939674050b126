#include "dicom/seg/seg_reader.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "dicom/seg/bit_packing.hpp"
#include "dicom/seg/seg_writer.hpp"
#include "dicom/types/error.hpp"
#include "tests/support/files.hpp"
#include "tests/support/matchers.hpp"
#include "tests/unit/modules/derived_fixture.hpp"

namespace punctum {
namespace {

using namespace test;

/// The grid of a real series, read as plainly as a test may.
SeriesGeometry grid_of(const std::vector<Bytes>& files) {
  std::vector<PlacedSlice> slices;
  for (const auto& file : files) {
    const auto dataset = parse_part10(file, Extent::header);
    const auto p = require_numbers(*dataset, DCM_ImagePositionPatient, 3);
    const auto o = require_numbers(*dataset, DCM_ImageOrientationPatient, 6);
    const auto s = require_numbers(*dataset, DCM_PixelSpacing, 2);
    slices.push_back({require_sop_instance(*dataset),
                      {{p[0], p[1], p[2]},
                       {o[0], o[1], o[2]},
                       {o[3], o[4], o[5]},
                       s[1],
                       s[0],
                       static_cast<int>(*read_number(*dataset, DCM_Columns)),
                       static_cast<int>(*read_number(*dataset, DCM_Rows))}});
  }
  return SeriesGeometry::from_slices(slices, Uid::derived_from("frame"));
}

TEST(BitPacking, LeastSignificantBitComesFirstAcrossFrames) {
  std::vector<std::uint8_t> packed(2);
  pack_bits(std::vector<std::uint8_t>{1, 0, 1}, packed, 0);
  pack_bits(std::vector<std::uint8_t>{1, 1, 1, 0, 0, 1}, packed, 3);
  EXPECT_EQ(packed, (std::vector<std::uint8_t>{0b00111101, 0b00000001}));
}

TEST(SegReader, ReadsASegmentationOfDcmqiOntoItsSlices) {
  const auto folder = PUNCTUM_DATA_OR_SKIP("interop-seg-sr-dcmqi/segmentations");
  const auto grid = grid_of(read_dicom_files(folder / "ct-3slice"));
  const auto seg = read_file(folder / "liver.dcm");

  const auto summary = summarize_segmentation(seg);
  ASSERT_FALSE(summary.empty());
  const auto mask = read_segment(seg, summary[0].number, grid);

  EXPECT_EQ(mask.count(), summary[0].voxel_count);
  EXPECT_GT(mask.count(), 1000u);
}

TEST(SegReader, ReadsOverlappingSegmentsOfDcmqiApart) {
  const auto folder = PUNCTUM_DATA_OR_SKIP("interop-seg-sr-dcmqi/segmentations");
  const auto grid = grid_of(read_dicom_files(folder / "ct-3slice"));
  const auto seg = read_file(folder / "partial_overlaps.dcm");
  const auto summary = summarize_segmentation(seg);
  ASSERT_GT(summary.size(), 1u);
  for (const auto& segment : summary) {
    EXPECT_EQ(read_segment(seg, segment.number, grid).count(), segment.voxel_count) << segment.label;
  }
}

TEST(SegReader, ReadsASegmentationOfHighdicomByItsOwnMatrix) {
  const auto folder = PUNCTUM_DATA_OR_SKIP("interop-seg-sr-highdicom");
  const auto grid = grid_of({read_file(folder / "ct_image.dcm")});
  const auto seg = read_file(folder / "seg_image_ct_binary_single_frame.dcm");
  const auto summary = summarize_segmentation(seg);
  ASSERT_EQ(summary.size(), 1u);
  EXPECT_EQ(read_segment(seg, summary[0].number, grid).count(), summary[0].voxel_count);
}

TEST(SegReader, GivesTheSameMaskInBigEndian) {
  const auto folder = PUNCTUM_DATA_OR_SKIP("enhanced-ct-seg-pydicom-data");
  const auto little = summarize_segmentation(read_file(folder / "liver.dcm"));
  const auto big = summarize_segmentation(read_file(folder / "liver_expb.dcm"));
  ASSERT_EQ(little.size(), 1u);
  ASSERT_EQ(big.size(), 1u);
  EXPECT_EQ(big[0].voxel_count, little[0].voxel_count);
  EXPECT_EQ(big[0].box->first_row, little[0].box->first_row);
  EXPECT_EQ(big[0].box->last_column, little[0].box->last_column);
}

TEST(SegReader, RefusesOtherKindsOfSegmentationByName) {
  const auto folder = PUNCTUM_DATA_OR_SKIP("interop-seg-sr-highdicom");
  const auto refusal = [&](const char* name) {
    return PUNCTUM_MESSAGE_OF(DicomError, summarize_segmentation(read_file(folder / name)));
  };
  EXPECT_NE(refusal("seg_image_ct_true_fractional.dcm").find("FRACTIONAL"), std::string::npos);
  EXPECT_NE(refusal("seg_image_sm_control_labelmap.dcm").find("1.2.840.10008.5.1.4.1.1.66.7"), std::string::npos);
  EXPECT_NE(refusal("ct_image.dcm").find("1.2.840.10008.5.1.4.1.1.2"), std::string::npos);
}

TEST(SegReader, RefusesCompressedBitsByName) {
  const auto folder = PUNCTUM_DATA_OR_SKIP("enhanced-ct-seg-pydicom-data");
  for (const auto* name : {"liver_rle.dcm", "liver_j2k.dcm", "liver_deflate.dcm", "liver_nonbyte_aligned_rle.dcm"}) {
    const auto message = PUNCTUM_MESSAGE_OF(DicomError, summarize_segmentation(read_file(folder / name)));
    EXPECT_NE(message.find("compressed Pixel Data"), std::string::npos) << name << ": " << message;
  }
}

class EditedSegmentation : public ::testing::Test {
 protected:
  Bytes written(const std::function<void(DcmDataset&)>& edit) {
    const auto file = write_segmentation(mask_, *source_, identity_for(source_->geometry()));
    const auto dataset = parse_part10(file.bytes, Extent::whole);
    edit(*dataset);
    return to_part10(*dataset).bytes;
  }
  std::vector<TestSlice> slices_ = CtSeriesBuilder().count(4).build();
  std::shared_ptr<const SourceSeries> source_ = source_of(slices_);
  LesionMask mask_ = ragged_ball(source_->geometry(), 5);
};

TEST_F(EditedSegmentation, WithoutDerivationIsPlacedByImagePosition) {
  const auto seg = written([](DcmDataset& dataset) {
    for (auto* frame : read_items(dataset, DCM_PerFrameFunctionalGroupsSequence)) {
      frame->findAndDeleteElement(DCM_DerivationImageSequence);
    }
  });
  EXPECT_EQ(read_segment(seg, 1, source_->geometry()).voxels, mask_.voxels);
}

TEST_F(EditedSegmentation, WithFewerBitsThanFramesIsRefused) {
  const auto seg = written([](DcmDataset& dataset) {
    const std::vector<Uint8> few(10);
    dataset.putAndInsertUint8Array(DCM_PixelData, few.data(), few.size());
  });
  const auto message = PUNCTUM_MESSAGE_OF(DicomError, read_segment(seg, 1, source_->geometry()));
  EXPECT_NE(message.find("10 bytes of Pixel Data"), std::string::npos) << message;
}

TEST_F(EditedSegmentation, OfAnotherSeriesIsRefused) {
  const auto seg = written([](DcmDataset&) {});
  CtSeriesBuilder other;
  other.slice.series("another");
  EXPECT_THROW(read_segment(seg, 1, geometry_of(other.count(4).build())), DicomError);
  EXPECT_THROW(read_segment(seg, 7, source_->geometry()), DicomError);
}

}  // namespace
}  // namespace punctum
