#include "dicom/net/identifier.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>

#include "dicom/types/error.hpp"
#include "dicom/types/sop_classes.hpp"
#include "tests/unit/net/raw_peer.hpp"

namespace punctum {
namespace {

constexpr auto implicit_syntax = transfer_syntax::implicit_vr_little_endian;
constexpr auto explicit_syntax = transfer_syntax::explicit_vr_little_endian;

const IdentifierElement* find(const Identifier& identifier, std::uint16_t group, std::uint16_t element) {
  for (const auto& each : identifier) {
    if (each.group == group && each.element == element) return &each;
  }
  return nullptr;
}

class IdentifierInBothSyntaxes : public testing::TestWithParam<std::string_view> {};

TEST_P(IdentifierInBothSyntaxes, ComesBackAsItWasWritten) {
  const Identifier match = {{0x0010, 0x0010, "PN", "M\xc3\xbcller^J\xc3\xb6rg"},
                            {0x0020, 0x000d, "UI", "1.2.3\\1.2.4"},
                            {0x0020, 0x1208, "IS", "250"},
                            {0x0028, 0x0010, "US", "512"},
                            {0x0008, 0x0061, "CS", ""}};
  const auto bytes = encode_match(match, "STUDY", AeTitle::require("PUNCTUM"), GetParam());

  const auto decoded = decode_identifier(bytes, GetParam());

  EXPECT_EQ(decoded.level, "STUDY");
  EXPECT_EQ(find(decoded.keys, 0x0010, 0x0010)->value, "M\xc3\xbcller^J\xc3\xb6rg");
  EXPECT_EQ(find(decoded.keys, 0x0010, 0x0010)->vr, "PN");
  EXPECT_EQ(find(decoded.keys, 0x0020, 0x000d)->value, "1.2.3\\1.2.4");
  EXPECT_EQ(find(decoded.keys, 0x0020, 0x1208)->value, "250");
  EXPECT_EQ(find(decoded.keys, 0x0028, 0x0010)->value, "512");
  EXPECT_EQ(find(decoded.keys, 0x0008, 0x0061)->value, "");
  EXPECT_EQ(find(decoded.keys, 0x0008, 0x0054)->value, "PUNCTUM");
  EXPECT_EQ(find(decoded.keys, 0x0008, 0x0005), nullptr);
  EXPECT_EQ(find(decoded.keys, 0x0008, 0x0052), nullptr);
}
INSTANTIATE_TEST_SUITE_P(Syntaxes, IdentifierInBothSyntaxes, testing::Values(implicit_syntax, explicit_syntax));

TEST(Identifier, ReadsLatin1AsUtf8) {
  // (0008,0005) CS ISO_IR 100, (0008,0052) CS study, (0010,0010) PN MÜL*
  const auto bytes =
      test::bytes_of_text(std::string_view("\x08\0\x05\0CS\x0a\0ISO_IR 100"
                                           "\x08\0\x52\0CS\x06\0study "
                                           "\x10\0\x10\0PN\x04\0M\xdcL*",
                                           18 + 14 + 12));
  const auto decoded = decode_identifier(bytes, explicit_syntax);
  EXPECT_EQ(decoded.level, "STUDY");
  ASSERT_EQ(decoded.keys.size(), 1u);
  EXPECT_EQ(decoded.keys[0].value, "M\xc3\x9cL*");
}

/// So many empty elements (0011,xxxx) and further groups, ascending, in implicit little endian.
Bytes empty_elements(std::uint32_t count) {
  Bytes bytes;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t group = 0x0011 + 2 * (i / 60'000), element = 1 + i % 60'000;
    for (const auto part : {group, element}) {
      bytes.push_back(static_cast<std::byte>(part & 0xff));
      bytes.push_back(static_cast<std::byte>(part >> 8));
    }
    bytes.resize(bytes.size() + 4);
  }
  return bytes;
}

TEST(Identifier, OfMoreElementsThanAnyQueryHasIsRefused) {
  EXPECT_EQ(decode_identifier(empty_elements(9'000), implicit_syntax).keys.size(), 9'000u);
  EXPECT_THROW((void)decode_identifier(empty_elements(11'000), implicit_syntax), DicomError);
}

TEST(Identifier, TakesTimeByTheNumberOfItsElementsNotByItsSquare) {
  const auto seconds_for = [](std::uint32_t count) {
    const auto bytes = empty_elements(count);
    const auto began = std::clock();
    EXPECT_EQ(decode_identifier(bytes, implicit_syntax, 1'000'000).keys.size(), count);
    return static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC;
  };
  const double few = std::min({seconds_for(20'000), seconds_for(20'000), seconds_for(20'000)});
  EXPECT_LT(seconds_for(200'000), 40 * few) << "ten times as many; by the square a hundred times";
}

TEST(Identifier, RefusesLengthsPastTheEnd) {
  const auto bytes = test::bytes_of_text(std::string_view("\x10\0\x10\0PN\xff\0M", 9));
  EXPECT_THROW((void)decode_identifier(bytes, explicit_syntax), DicomError);
}

TEST(Identifier, WritesLargeMatchesWhole) {
  const std::string comments(200'000, 'x');
  const Identifier match = {{0x0010, 0x4000, "LT", comments}, {0x0020, 0x000d, "UI", "1.2.3"}};
  const auto decoded =
      decode_identifier(encode_match(match, "IMAGE", AeTitle::require("A"), implicit_syntax), implicit_syntax);
  EXPECT_EQ(find(decoded.keys, 0x0010, 0x4000)->value, comments);
  EXPECT_EQ(find(decoded.keys, 0x0020, 0x000d)->value, "1.2.3");
}

TEST(Identifier, ListsFailedInstances) {
  const auto bytes = encode_failed_list({Uid::require("1.2.3"), Uid::require("1.2.4")}, explicit_syntax);
  const auto decoded = decode_identifier(bytes, explicit_syntax);
  ASSERT_EQ(decoded.keys.size(), 1u);
  EXPECT_EQ(decoded.keys[0].value, "1.2.3\\1.2.4");
}

}  // namespace
}  // namespace punctum
