#include "dicom/modules/elements.hpp"

#include <dcmtk/dcmdata/dcdeftag.h>
#include <gtest/gtest.h>

#include <limits>

#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/types/error.hpp"

namespace punctum {
namespace {

TEST(DecimalString, IsShortestFormThatNamesTheValue) {
  EXPECT_EQ(decimal_string(0.1), "0.1");
  EXPECT_EQ(decimal_string(2.5), "2.5");
  EXPECT_EQ(decimal_string(-1024), "-1024");
}

TEST(DecimalString, NeverExceedsSixteenCharactersAndLosesLittle) {
  for (const double value : {1.0 / 3, -123456.789012345678, 1e-7 / 3, -1.7976931348623157e300, 2.999999999999978}) {
    const auto text = decimal_string(value);
    EXPECT_LE(text.size(), 16u) << text;
    EXPECT_NEAR(std::stod(text) / value, 1, 1e-8) << text;
  }
}

TEST(DecimalString, RefusesWhatIsNoNumber) {
  EXPECT_THROW(decimal_string(std::numeric_limits<double>::quiet_NaN()), DicomError);
  EXPECT_THROW(decimal_string(std::numeric_limits<double>::infinity()), DicomError);
}

TEST(Elements, SequencesGrowByOneItemACall) {
  DcmItem item;
  put_code(item, DCM_ProcedureCodeSequence, {"1", "99A", "one"});
  put_code(item, DCM_ProcedureCodeSequence, {"2", "99A", "two"});
  const auto codes = read_items(item, DCM_ProcedureCodeSequence);
  ASSERT_EQ(codes.size(), 2u);
  EXPECT_EQ(read_text(*codes[1], DCM_CodeMeaning), "two");
}

TEST(Elements, UnsignedLongsHoldSeveralValues) {
  DcmItem item;
  put_ul(item, DCM_DimensionIndexValues, {3, 70000});
  EXPECT_EQ(read_numbers(item, DCM_DimensionIndexValues), (std::vector<double>{3, 70000}));
}

}  // namespace
}  // namespace punctum
