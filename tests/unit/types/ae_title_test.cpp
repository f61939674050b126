#include "dicom/types/ae_title.hpp"

#include <gtest/gtest.h>

#include "dicom/types/error.hpp"

namespace punctum {
namespace {

TEST(AeTitle, TrimsSpacesAround) { EXPECT_EQ(AeTitle::parse("  STORE SCP ")->str(), "STORE SCP"); }
TEST(AeTitle, RefusesEmptyLongAndControlCharacters) {
  EXPECT_EQ(AeTitle::parse("    "), std::nullopt);
  EXPECT_EQ(AeTitle::parse("SEVENTEEN_LETTERS"), std::nullopt);
  EXPECT_EQ(AeTitle::parse("A\\B"), std::nullopt);
  EXPECT_EQ(AeTitle::parse("A\nB"), std::nullopt);
  EXPECT_THROW(AeTitle::require(""), ConfigError);
}

TEST(Peer, ReadsTitleHostAndPort) {
  const auto peer = Peer::parse("ARCHIVE@pacs.local:104");
  ASSERT_TRUE(peer.has_value());
  EXPECT_EQ(peer->ae_title.str(), "ARCHIVE");
  EXPECT_EQ(peer->host, "pacs.local");
  EXPECT_EQ(peer->port, 104);
  EXPECT_EQ(peer->str(), "ARCHIVE@pacs.local:104");
}

TEST(Peer, ReadsIpv6InBrackets) {
  const auto peer = Peer::parse("A@[::1]:11112");
  ASSERT_TRUE(peer.has_value());
  EXPECT_EQ(peer->host, "::1");
  EXPECT_EQ(peer->str(), "A@[::1]:11112");
}

class NotAPeer : public testing::TestWithParam<const char*> {};
TEST_P(NotAPeer, IsNothing) { EXPECT_EQ(Peer::parse(GetParam()), std::nullopt); }
INSTANTIATE_TEST_SUITE_P(Peer, NotAPeer,
                         testing::Values("", "A", "A@h", "A@:1", "@h:1", "A@h:", "A@h:0", "A@h:65536", "A@h:1x",
                                         "h:1@A"));

}  // namespace
}  // namespace punctum
