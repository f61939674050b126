#include "dicom/net/command_set.hpp"

#include <gtest/gtest.h>

#include "dicom/types/error.hpp"

namespace punctum {
namespace {

TEST(CommandSet, KeepsWhatWasSet) {
  CommandSet command;
  command.set(command_element::command_field, command::c_store_rq)
      .set(command_element::message_id, 0xfedc)
      .set_uid(command_element::affected_sop_instance_uid, "1.2.345")
      .set_text(command_element::move_destination, "ARCHIVE");

  const auto read = CommandSet::parse(command.encode());

  EXPECT_EQ(read.field(), command::c_store_rq);
  EXPECT_EQ(read.number(command_element::message_id), 0xfedc);
  EXPECT_EQ(read.text(command_element::affected_sop_instance_uid), "1.2.345");
  EXPECT_EQ(read.text(command_element::move_destination), "ARCHIVE");
  EXPECT_EQ(read.number(command_element::status), std::nullopt);
}

TEST(CommandSet, EncodesItsGroupLengthAndEvenValues) {
  const auto bytes = CommandSet{}.set_text(command_element::error_comment, "odd").encode();
  ASSERT_EQ(bytes.size(), 12u + 8u + 4u);
  EXPECT_EQ(bytes[8], std::byte{12});
  EXPECT_EQ(bytes.back(), std::byte{' '});
}

TEST(CommandSet, RefusesEveryTruncation) {
  const auto bytes =
      CommandSet{}.set(command_element::status, 0).set_text(command_element::error_comment, "text").encode();
  std::size_t whole_elements = 0;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    try {
      (void)CommandSet::parse(ByteView(bytes).first(size));
      ++whole_elements;  // cut between two elements
    } catch (const DicomError&) {
    }
  }
  EXPECT_EQ(whole_elements, 3u);
}

TEST(CommandSet, RefusesOtherGroupsAndLengthsPastTheEnd) {
  auto bytes = CommandSet{}.set(command_element::status, 0).encode();
  bytes[12] = std::byte{8};
  EXPECT_THROW((void)CommandSet::parse(bytes), DicomError);
  bytes[12] = std::byte{0};
  bytes[19] = std::byte{0xff};
  EXPECT_THROW((void)CommandSet::parse(bytes), DicomError);
}

TEST(CommandSet, ANumberOfTheWrongSizeIsNone) {
  const auto command = CommandSet{}.set_text(command_element::message_id, "four");
  EXPECT_EQ(command.number(command_element::message_id), std::nullopt);
}

}  // namespace
}  // namespace punctum
