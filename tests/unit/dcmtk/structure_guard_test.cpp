#include "dicom/dcmtk/structure_guard.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "dicom/types/error.hpp"
#include "dicom/types/sop_classes.hpp"

namespace punctum {
namespace {

Bytes bytes_of(const std::string& text) {
  const auto view = std::as_bytes(std::span(text));
  return {view.begin(), view.end()};
}

const Uid explicit_le = Uid::require(transfer_syntax::explicit_vr_little_endian);
const Uid implicit_le = Uid::require(transfer_syntax::implicit_vr_little_endian);

std::string nested_sequences(int depth) {
  using namespace std::string_literals;
  std::string out;
  for (int i = 0; i < depth; ++i) {
    out += "\x40\x00\x30\xa7SQ\0\0\xff\xff\xff\xff"s;  // Content Sequence (0040,a730), undefined length
    out += "\xfe\xff\x00\xe0\xff\xff\xff\xff"s;        // item, undefined length
  }
  return out;
}

TEST(StructureGuard, AcceptsAnElementThatEndsWithTheDataSet) {
  using namespace std::string_literals;
  const auto data = bytes_of(
      "\x08\x00\x60\x00"
      "CS\x02\0CT"s);
  EXPECT_NO_THROW(guard_structure(data, explicit_le, data.size()));
}

TEST(StructureGuard, RefusesTenThousandNestedSequencesWithoutRecursion) {
  const auto data = bytes_of(nested_sequences(10'000));
  EXPECT_THAT([&] { guard_structure(data, explicit_le, data.size()); },
              testing::ThrowsMessage<DicomError>(testing::HasSubstr("nest deeper than 64")));
}

TEST(StructureGuard, AcceptsSixtyNestedSequences) {
  const auto data = bytes_of(nested_sequences(60));
  EXPECT_NO_THROW(guard_structure(data, explicit_le, data.size()));
}

/// Empty elements in implicit little endian.
Bytes elements_of(const std::vector<std::uint32_t>& tags) {
  Bytes bytes;
  for (const auto tag : tags) {
    for (const auto part : {tag >> 16 & 0xff, tag >> 24, tag & 0xff, tag >> 8 & 0xff, 0U, 0U, 0U, 0U}) {
      bytes.push_back(static_cast<std::byte>(part));
    }
  }
  return bytes;
}

TEST(StructureGuard, RefusesElementsThatTakeHoursToSort) {
  std::vector<std::uint32_t> descending, appended;
  for (std::uint32_t i = 0; i < 20'000; ++i) descending.push_back(0x00300000 - i);
  const auto data = elements_of(descending);
  EXPECT_THAT([&] { guard_structure(data, implicit_le, data.size()); },
              testing::ThrowsMessage<DicomError>(testing::HasSubstr("out of order")));
  for (std::uint32_t i = 0; i < 200'000; ++i) appended.push_back(0x00200000 + i);
  for (std::uint32_t i = 0; i < 1'000; ++i) appended.push_back(0x00100000 + i);  // each past all of the others
  const auto tail = elements_of(appended);
  EXPECT_THROW(guard_structure(tail, implicit_le, tail.size()), DicomError);
}

TEST(StructureGuard, AcceptsElementsThatAreOutOfOrderHereAndThere) {
  std::vector<std::uint32_t> tags;
  for (std::uint32_t i = 0; i < 2'000; ++i) tags.push_back(0x00300000 + (i ^ 1));
  const auto data = elements_of(tags);
  EXPECT_NO_THROW(guard_structure(data, implicit_le, data.size()));
}

TEST(StructureGuard, RefusesALengthBeyondTheEnd) {
  using namespace std::string_literals;
  const auto data = bytes_of("\x10\x00\x10\x00\xf0\xff\xff\x7fX"s);
  EXPECT_THAT([&] { guard_structure(data, implicit_le, data.size()); },
              testing::ThrowsMessage<DicomError>(testing::HasSubstr("only 1 follow")));
}

TEST(StructureGuard, StopsQuietlyWhereThePartAtHandEndsInsideALongValue) {
  using namespace std::string_literals;
  const auto head = bytes_of("\x10\x00\x10\x00\x00\x10\0\0X"s);
  EXPECT_NO_THROW(guard_structure(head, implicit_le, /*dataset_size=*/8 + 0x1000));
}

TEST(StructureGuard, DoesNotLookIntoPixelData) {
  using namespace std::string_literals;
  const auto data = bytes_of("\xe0\x7f\x10\x00OW\0\0\x08\0\0\0\xfe\xff\x00\xe0\xff\xff\xff\xff"s);
  EXPECT_NO_THROW(guard_structure(data, explicit_le, data.size()));
}

TEST(StructureGuard, RefusesMoreElementsThanTheLimit) {
  using namespace std::string_literals;
  std::string many;
  for (int i = 0; i < 100; ++i) many += "\x08\x00\x60\x00\0\0\0\0"s;
  const auto data = bytes_of(many);
  StructureLimits limits;
  limits.elements = 50;
  EXPECT_THROW(guard_structure(data, implicit_le, data.size(), limits), DicomError);
}

/// Found by fuzzing: DCMTK took two gigabytes for this.
TEST(StructureGuard, RefusesAFragmentOfPixelDataBeyondTheEnd) {
  using namespace std::string_literals;
  const auto data = bytes_of("\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\x7fX"s);
  EXPECT_THAT([&] { guard_structure(data, explicit_le, data.size()); },
              testing::ThrowsMessage<DicomError>(testing::HasSubstr("only 1 follow")));
  StructureLimits header_only;
  header_only.with_pixel_data = false;
  EXPECT_NO_THROW(guard_structure(data, explicit_le, data.size(), header_only));
}

TEST(StructureGuard, RefusesEncapsulatedPixelDataWithoutItems) {
  using namespace std::string_literals;
  const auto data = bytes_of("\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff\x08\x00\x60\x00\0\0\0\0"s);
  EXPECT_THAT([&] { guard_structure(data, explicit_le, data.size()); },
              testing::ThrowsMessage<DicomError>(testing::HasSubstr("something else than items")));
}

}  // namespace
}  // namespace punctum
