#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "dicom/ct/ct_slice_reader.hpp"
#include "dicom/types/error.hpp"
#include "tests/support/ct_slice_builder.hpp"
#include "tests/support/matchers.hpp"

namespace punctum {
namespace {

using test::CtSliceBuilder;
using testing::HasSubstr;

/// From air to metal, different in every pixel.
double ramp(int x, int y) { return -1000 + 37 * x + 111 * y; }

void expect_ramp(const std::vector<std::int16_t>& hu, int columns, int rows, double tolerance = 0) {
  ASSERT_EQ(hu.size(), static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows));
  for (int y = 0; y < rows; ++y) {
    for (int x = 0; x < columns; ++x) {
      ASSERT_NEAR(hu[static_cast<std::size_t>(y * columns + x)], ramp(x, y), tolerance) << x << ", " << y;
    }
  }
}

TEST(Hounsfield, RowsAndColumnsStayApart) {
  const auto slice = CtSliceBuilder{}.size(12, 7).hu(ramp).build();
  expect_ramp(read_hounsfield(slice.bytes()), 12, 7);
}

TEST(Hounsfield, FollowsBitsStoredAndPixelRepresentation) {
  for (const auto& form : {test::PixelForm{16, 16, true, 1, -1024, {}}, test::PixelForm{16, 16, false, 1, -1024, {}},
                           test::PixelForm{16, 12, false, 1, -1024, {}}, test::PixelForm{16, 12, true, 1, 0, {}},
                           test::PixelForm{16, 13, true, 1, 0, {}}}) {
    const auto slice = CtSliceBuilder{}.size(12, 7).pixels(form).hu(ramp).build();
    SCOPED_TRACE(std::to_string(form.bits_stored) + (form.is_signed ? " signed" : " unsigned"));
    expect_ramp(read_hounsfield(slice.bytes()), 12, 7);
  }
}

TEST(Hounsfield, IgnoresWhatLiesAboveTheStoredBits) {
  // 12 bits in the upper part of the word, as old scanners wrote them: High Bit 15.
  const auto slice = CtSliceBuilder{}
                         .size(4, 2)
                         .pixels({16, 16, false, 1, 0, {}})
                         .hu([](int x, int y) { return (x + 10 * y) << 4 | 0x7; })
                         .with("BitsStored", "12")
                         .with("HighBit", "15")
                         .with("RescaleIntercept", "-5")
                         .build();
  const auto hu = read_hounsfield(slice.bytes());
  EXPECT_EQ(hu[3], 3 - 5);
  EXPECT_EQ(hu[6], 12 - 5);
}

TEST(Hounsfield, AppliesSlopeAndIntercept) {
  const auto slice = CtSliceBuilder{}.size(12, 7).pixels({16, 16, false, 0.25, -2000.5, {}}).hu(ramp).build();
  expect_ramp(read_hounsfield(slice.bytes()), 12, 7, 0.5);
}

TEST(Hounsfield, ReadsEightBitImages) {
  const auto slice = CtSliceBuilder{}
                         .size(5, 3)
                         .pixels({8, 8, false, 8, -1024, {}})
                         .hu([](int x, int y) { return -1024 + 8 * (x + 5 * y); })
                         .build();
  const auto hu = read_hounsfield(slice.bytes());
  ASSERT_EQ(hu.size(), 15u);
  EXPECT_EQ(hu[0], -1024);
  EXPECT_EQ(hu[14], -1024 + 8 * 14);
}

TEST(Hounsfield, PaddingBecomesAir) {
  const auto slice = CtSliceBuilder{}
                         .size(4, 4)
                         .pixels({16, 16, true, 1, -1024, -2000})
                         .hu([](int x, int) { return x == 0 ? -3024.0 : 50.0; })
                         .build();
  const auto hu = read_hounsfield(slice.bytes());
  EXPECT_EQ(hu[0], -1024) << "stored -2000 is padding, not tissue of -3024 HU";
  EXPECT_EQ(hu[1], 50);
}

TEST(Hounsfield, ClampsToTheTypeInsteadOfWrappingAround) {
  const auto slice = CtSliceBuilder{}
                         .size(2, 2)
                         .pixels({16, 16, false, 1, 0, {}})
                         .hu([](int x, int) { return x == 0 ? 65535.0 : 12.0; })
                         .build();
  EXPECT_EQ(read_hounsfield(slice.bytes())[0], 32767);
  EXPECT_EQ(read_hounsfield(slice.bytes())[1], 12);
}

TEST(Hounsfield, UncompressedSyntaxesGiveTheSame) {
  for (const auto* syntax : {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"}) {
    const auto slice = CtSliceBuilder{}.size(12, 7).hu(ramp).transfer_syntax(syntax).build();
    SCOPED_TRACE(syntax);
    expect_ramp(read_hounsfield(slice.bytes()), 12, 7);
  }
}

TEST(Hounsfield, RefusesPixelDataOfAnotherSizeThanTheHeaderSays) {
  const auto longer = CtSliceBuilder{}.size(12, 7).with("Rows", "6").build();
  EXPECT_THAT(PUNCTUM_MESSAGE_OF(DicomError, read_hounsfield(longer.bytes())),
              HasSubstr("168 bytes, expected 144 for 12 x 6 pixels of 16 bits"));
  const auto shorter = CtSliceBuilder{}.size(12, 7).with("Rows", "8").build();
  EXPECT_THROW(read_hounsfield(shorter.bytes()), DicomError);
}

TEST(Hounsfield, RefusesAHugeImageBeforeAllocatingIt) {
  const auto slice = CtSliceBuilder{}.with("Rows", "65535").with("Columns", "65535").build();
  EXPECT_THAT(PUNCTUM_MESSAGE_OF(DicomError, read_hounsfield(slice.bytes())), HasSubstr("65535 columns by 65535 rows"));
}

TEST(Hounsfield, RefusesBitsThatDoNotFitTogether) {
  EXPECT_THROW(read_hounsfield(CtSliceBuilder{}.with("BitsStored", "17").build().bytes()), DicomError);
  EXPECT_THROW(read_hounsfield(CtSliceBuilder{}.with("HighBit", "3").build().bytes()), DicomError);
  EXPECT_THROW(read_hounsfield(CtSliceBuilder{}.with("BitsAllocated", "32").build().bytes()), DicomError);
  EXPECT_THROW(read_hounsfield(CtSliceBuilder{}.with("SamplesPerPixel", "3").build().bytes()), DicomError);
}

TEST(Hounsfield, RefusesAnImageWithoutPixelData) {
  EXPECT_THAT(PUNCTUM_MESSAGE_OF(DicomError, read_hounsfield(CtSliceBuilder{}.without("PixelData").build().bytes())),
              HasSubstr("has no Pixel Data"));
}

}  // namespace
}  // namespace punctum
