#include "dicom/modules/own_text.hpp"

#include <gtest/gtest.h>

namespace punctum {
namespace {

TEST(OwnText, BackslashWouldMakeTwoValuesAndBecomesASlash) {
  EXPECT_EQ(OwnText(true).line("left\\right"), "left/right");
}

TEST(OwnText, ControlCharactersBecomeSpacesAndEndsAreTrimmed) {
  EXPECT_EQ(OwnText(true).line("  a\tb\r\nc\x1b \n"), "a b  c");
  EXPECT_EQ(OwnText(true).line(" \n "), "");
}

TEST(OwnText, IsCutByCharactersNotBytes) {
  std::string long_label;
  for (int i = 0; i < 70; ++i) long_label += "\xc3\xa4";
  EXPECT_EQ(OwnText(true).line(long_label).size(), 128u);
  EXPECT_EQ(OwnText(false).line(long_label), std::string(64, '?'));
}

TEST(OwnText, BrokenUtf8BecomesQuestionMarks) { EXPECT_EQ(OwnText(true).line("a\xff\xc3z"), "a??z"); }

}  // namespace
}  // namespace punctum
