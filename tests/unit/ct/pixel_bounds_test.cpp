// What a header or a code stream claims is looked at before memory is taken for it.
#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "dicom/ct/code_stream_head.hpp"
#include "dicom/ct/ct_slice_reader.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "dicom/types/error.hpp"
#include "tests/support/files.hpp"
#include "tests/support/largest_allocation.hpp"
#include "tests/support/matchers.hpp"
#include "tests/support/packed_slice.hpp"

namespace punctum {
namespace {

using namespace std::string_literals;
using testing::AllOf;
using testing::HasSubstr;

constexpr std::size_t four_mebibytes = std::size_t{4} << 20;

Bytes with_size(const Bytes& file, unsigned columns, unsigned rows) {
  const auto dataset = parse_part10(file, Extent::whole);
  EXPECT_TRUE(dataset->putAndInsertUint16(DCM_Columns, static_cast<Uint16>(columns)).good());
  EXPECT_TRUE(dataset->putAndInsertUint16(DCM_Rows, static_cast<Uint16>(rows)).good());
  return to_part10(*dataset, dataset->getOriginalXfer()).bytes;
}

TEST(PixelBounds, UncompressedPixelsMustFitIntoTheFile) {
  const auto slice = test::CtSliceBuilder{}.with("Rows", "1000").with("Columns", "1000").build();
  const test::LargestAllocation largest;
  EXPECT_THAT(PUNCTUM_MESSAGE_OF(DicomError, read_ct_slice_header(slice.bytes())),
              AllOf(HasSubstr("2000000 bytes of pixels"), HasSubstr("its file has")));
  EXPECT_LT(largest.bytes(), four_mebibytes);
}

TEST(PixelBounds, CompressedPixelsMustNotGrowBeyondAllMeasure) {
  const auto bomb = with_size(test::packed(test::CtSliceBuilder{}.build()).bytes, 8000, 8000);
  const test::LargestAllocation largest;
  const auto expected = AllOf(HasSubstr("122 MiB of pixels come out of"), HasSubstr("expected at most"));
  EXPECT_THAT(PUNCTUM_MESSAGE_OF(DicomError, read_ct_slice_header(bomb)), expected);
  EXPECT_THAT(PUNCTUM_MESSAGE_OF(DicomError, read_hounsfield_into(bomb, {})), expected);
  EXPECT_LT(largest.bytes(), four_mebibytes);
}

class CodeStream : public testing::TestWithParam<const char*> {
 protected:
  static std::filesystem::path file_in(const std::filesystem::path& folder) {
    return folder / ("CTImage.dcm_"s + GetParam() + ".dcm");
  }
};

TEST_P(CodeStream, MustHoldTheImageOfItsHeader) {
  const auto folder = PUNCTUM_DATA_OR_SKIP("syntax-ct-cornerstone3d");
  const auto larger = with_size(test::read_file(file_in(folder)), 1024, 1024);
  const test::LargestAllocation largest;
  EXPECT_THAT(
      PUNCTUM_MESSAGE_OF(DicomError, decode_pixels(larger, read_pixel_form(*parse_part10(larger, Extent::header)))),
      HasSubstr("the code stream holds 512 x 512 pixels, the header says 1024 x 1024"));
  EXPECT_LT(largest.bytes(), four_mebibytes);
}

INSTANTIATE_TEST_SUITE_P(Cornerstone, CodeStream,
                         testing::Values("JPEGProcess1TransferSyntax_1.2.840.10008.1.2.4.50",
                                         "JPEGProcess2_4TransferSyntax_1.2.840.10008.1.2.4.51",
                                         "JPEGProcess6_8TransferSyntax_1.2.840.10008.1.2.4.53",
                                         "JPEGProcess10_12TransferSyntax_1.2.840.10008.1.2.4.55",
                                         "JPEGProcess14TransferSyntax_1.2.840.10008.1.2.4.57",
                                         "JPEGProcess14SV1TransferSyntax_1.2.840.10008.1.2.4.70",
                                         "JPEGLSLosslessTransferSyntax_1.2.840.10008.1.2.4.80",
                                         "JPEGLSLossyTransferSyntax_1.2.840.10008.1.2.4.81",
                                         "JPEG2000LosslessOnlyTransferSyntax_1.2.840.10008.1.2.4.90",
                                         "JPEG2000TransferSyntax_1.2.840.10008.1.2.4.91"));

ByteView bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string complaint(const std::vector<ByteView>& fragments, std::string_view syntax) {
  PixelForm form;
  form.columns = 4;
  form.rows = 3;
  try {
    require_same_size(fragments, syntax, form);
  } catch (const DicomError& error) {
    return error.what();
  }
  return "";
}

constexpr auto jpeg = "1.2.840.10008.1.2.4.70";
const auto frame =
    "\xff\xc3\x00\x0b\x08\x00\x03\x00\x04\x01\x01\x11\x00"s;  // SOF3: 8 bits, 3 rows, 4 columns, 1 component

TEST(CodeStreamHead, FindsTheFrameBehindOtherSegmentsFillBytesAndFragmentBorders) {
  EXPECT_EQ(complaint({bytes_of("\xff\xd8"s + frame)}, jpeg), "");
  const auto comment = "\xff\xd8\xff\xff\xff\xfe\x00\x04hi"s;
  EXPECT_EQ(complaint({bytes_of(comment), bytes_of(frame)}, jpeg), "");
  EXPECT_EQ(complaint({bytes_of(comment), bytes_of(frame.substr(0, 6)), bytes_of(frame.substr(6))}, jpeg), "");
}

TEST(CodeStreamHead, RefusesStreamsThatDoNotSayTheirSize) {
  for (const auto& text :
       {""s, "\xff"s, "\xff\xd8"s, "\xff\xd8\xff\xfe\xff\xff"s, "\xff\xd8\x00\x00\x00\x00"s, "no image"s}) {
    EXPECT_THAT(complaint({bytes_of(text)}, jpeg), HasSubstr("expected")) << text.size();
  }
  EXPECT_EQ(complaint({}, "1.2.840.10008.1.2.5"), "") << "RLE has no size of its own";
}

}  // namespace
}  // namespace punctum
