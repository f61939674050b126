#include "dicom/dcmtk/transcode.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <gtest/gtest.h>

#include <cstring>

#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "dicom/types/error.hpp"
#include "dicom/types/sop_classes.hpp"
#include "tests/support/ct_slice_builder.hpp"
#include "tests/support/dcmtk_environment.hpp"
#include "tests/support/files.hpp"

namespace punctum {
namespace {

const std::string prefix = "CTImage.dcm_";

std::vector<Uint16> pixels_of(DcmDataset& dataset) {
  const Uint16* words = nullptr;
  unsigned long count = 0;
  EXPECT_TRUE(dataset.findAndGetUint16Array(DCM_PixelData, words, &count).good());
  return {words, words + count};
}

class Lossless : public testing::TestWithParam<const char*> {};

TEST_P(Lossless, IsUnpackedWithEveryPixelAndItsIdentity) {
  const auto folder = PUNCTUM_DATA_OR_SKIP("syntax-ct-cornerstone3d");
  const auto packed = test::read_file(folder / (prefix + GetParam()));
  const auto plain = test::read_file(folder / (prefix + "LittleEndianExplicitTransferSyntax_1.2.840.10008.1.2.1.dcm"));
  for (const auto target : {transfer_syntax::explicit_vr_little_endian, transfer_syntax::implicit_vr_little_endian}) {
    const auto unpacked = transcoded(packed, target);
    EXPECT_EQ(locate_dataset(unpacked).transfer_syntax_uid.str(), target);
    const auto got = parse_part10(unpacked, Extent::whole);
    const auto before = parse_part10(packed, Extent::header);
    EXPECT_EQ(require_sop_instance(*got).sop_instance_uid, require_sop_instance(*before).sop_instance_uid);
    EXPECT_EQ(pixels_of(*got), pixels_of(*parse_part10(plain, Extent::whole)));
  }
}

INSTANTIATE_TEST_SUITE_P(Syntaxes, Lossless,
                         testing::Values("JPEGProcess14SV1TransferSyntax_1.2.840.10008.1.2.4.70.dcm",
                                         "JPEGProcess14TransferSyntax_1.2.840.10008.1.2.4.57.dcm",
                                         "JPEGLSLosslessTransferSyntax_1.2.840.10008.1.2.4.80.dcm",
                                         "JPEG2000LosslessOnlyTransferSyntax_1.2.840.10008.1.2.4.90.dcm",
                                         "RLELosslessTransferSyntax_1.2.840.10008.1.2.5.dcm"),
                         [](const auto& file) {
                           const std::string name = file.param;
                           return name.substr(0, name.find('_'));
                         });

TEST(Transcode, OffersItselfOnlyWhereNothingIsLost) {
  EXPECT_TRUE(is_losslessly_decodable("1.2.840.10008.1.2.5"));
  EXPECT_FALSE(is_losslessly_decodable("1.2.840.10008.1.2.4.50")) << "JPEG Baseline";
  EXPECT_FALSE(is_losslessly_decodable("1.2.840.10008.1.2.4.81")) << "JPEG-LS near lossless";
  EXPECT_TRUE(is_losslessly_decodable("1.2.840.10008.1.2.4.90"));
  EXPECT_FALSE(is_losslessly_decodable("1.2.840.10008.1.2.4.91")) << "JPEG 2000 that may have lost something";
}

TEST(Transcode, RefusesPixelsThatWouldNotFit) {
  const auto folder = PUNCTUM_DATA_OR_SKIP("syntax-ct-cornerstone3d");
  auto file = test::read_file(folder / (prefix + "RLELosslessTransferSyntax_1.2.840.10008.1.2.5.dcm"));
  const auto dataset = parse_part10(file, Extent::whole);
  ASSERT_TRUE(dataset->putAndInsertString(DCM_NumberOfFrames, "100000").good());
  const auto claims_much = to_part10(*dataset, EXS_RLELossless).bytes;
  EXPECT_THROW(transcoded(claims_much, transfer_syntax::explicit_vr_little_endian), DicomError);
}

}  // namespace
}  // namespace punctum
