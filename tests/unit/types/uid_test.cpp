#include "dicom/types/uid.hpp"

#include <gtest/gtest.h>

#include "dicom/types/error.hpp"

namespace punctum {
namespace {

TEST(Uid, TrimsPadding) { EXPECT_EQ(Uid::parse(std::string_view("1.2.3\0", 6))->str(), "1.2.3"); }

class NotAUid : public testing::TestWithParam<const char*> {};
TEST_P(NotAUid, IsNothing) { EXPECT_EQ(Uid::parse(GetParam()), std::nullopt); }
INSTANTIATE_TEST_SUITE_P(Uid, NotAUid,
                         testing::Values("", ".", "1.", ".1", "1..2", "1.02", "1.2a", "../1.2", "1.2/3", "1.2 3",
                                         "1.234567890123456789012345678901234567890123456789012345678901234"));

TEST(Uid, AcceptsSixtyFourCharacters) {
  EXPECT_TRUE(Uid::parse("1.2345678901234567890123456789012345678901234567890123456789012").has_value());
}

TEST(Uid, RandomOnesDifferAndAreValid) {
  const auto a = Uid::random(), b = Uid::random();
  EXPECT_NE(a, b);
  EXPECT_EQ(Uid::parse(a.str()), a);
  EXPECT_EQ(a.str().rfind("2.25.", 0), 0u);
}

TEST(Uid, DerivedFromTheSameNameIsTheSame) {
  EXPECT_EQ(Uid::derived_from("a|b"), Uid::derived_from("a|b"));
  EXPECT_NE(Uid::derived_from("a|b"), Uid::derived_from("a|c"));
  EXPECT_TRUE(Uid::parse(Uid::derived_from("a|b").str()).has_value());
}

TEST(Uid, RequireSaysWhatWasExpected) { EXPECT_THROW(Uid::require("x"), DicomError); }

}  // namespace
}  // namespace punctum
