// Lengths that lie. DCMTK takes the memory that a length asks for before it looks whether so much is there; most of
// these made it ask for more than a gigabyte.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>

#include <filesystem>
#include <string>

#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "dicom/types/error.hpp"
#include "dicom/types/sop_classes.hpp"
#include "tests/support/files.hpp"
#include "tests/support/largest_allocation.hpp"

namespace punctum {
namespace {

using namespace std::string_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr std::size_t one_mebibyte = 1 << 20;

const Uid explicit_le = Uid::require(transfer_syntax::explicit_vr_little_endian);
const Uid implicit_le = Uid::require(transfer_syntax::implicit_vr_little_endian);
const Uid explicit_be = Uid::require(transfer_syntax::explicit_vr_big_endian);
const Uid deflated = Uid::require(transfer_syntax::deflated_explicit_vr_little_endian);
const Uid ge_implicit = Uid::require("1.2.840.113619.5.2");  // implicit, although private

const auto item_of_undefined_length = "\xfe\xff\x00\xe0\xff\xff\xff\xff"s;
const auto item_end = "\xfe\xff\x0d\xe0\0\0\0\0"s;
const auto sequence_end = "\xfe\xff\xdd\xe0\0\0\0\0"s;
const std::string zeros(32, '\0');
const auto gigabyte_in_implicit = "\x10\x00\x20\x00\0\0\0\x40"s + zeros;  // (0010,0020) with 2^30 bytes

Bytes bytes_of(std::string_view text) {
  const auto view = std::as_bytes(std::span(text));
  return {view.begin(), view.end()};
}

Bytes deflate(const std::string& plain) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  Bytes out(plain.size() + 1024);
  auto copy = plain;
  stream.next_in = reinterpret_cast<Bytef*>(copy.data());
  stream.avail_in = static_cast<uInt>(copy.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(::deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// It is refused with these words, and before memory is taken.
void expect_refused(const Bytes& dataset, const Uid& syntax, const testing::Matcher<const std::string&>& words) {
  const test::LargestAllocation largest;
  EXPECT_THAT([&] { parse_dataset(dataset, syntax); }, ThrowsMessage<DicomError>(words));
  EXPECT_LT(largest.bytes(), one_mebibyte);
}

TEST(HostileLengths, AValueRepresentationOfTheFutureHasALongLength) {
  const auto data = bytes_of("\x09\x00\x01\x10ZZ\0\0\0\0\0\x40\x10\x00\x10\x00PN\x00\x00"s + zeros);
  expect_refused(data, explicit_le,
                 AllOf(HasSubstr("(0009,1001)"), HasSubstr("1073741824 bytes"), HasSubstr("only 40 ")));
}

TEST(HostileLengths, ThePrivateCreatorMakesASequenceWithoutExplicitValueRepresentations) {
  const auto data = bytes_of("\x09\x00\x10\x00\x10\0\0\0CARDIO-D.R. 1.0 "s + "\x09\x00\x40\x10\x10\0\0\0"s +
                             item_of_undefined_length + gigabyte_in_implicit);
  expect_refused(data, implicit_le, AllOf(HasSubstr("(0010,0020)"), HasSubstr("only 0 remain")));
}

TEST(HostileLengths, APrivateSequenceIsReadWhereItsCreatorNamesIt) {
  const auto data =
      bytes_of("\x09\x00\x10\x00\x10\0\0\0CARDIO-D.R. 1.0 "s + "\x09\x00\x40\x10\x1a\0\0\0"s +
               "\xfe\xff\x00\xe0\x12\0\0\0\x08\x00\x55\x11\x0a\0\0\0002.25.1234\0"s + "\x10\x00\x20\x00\x02\0\0\0ID"s);
  const auto dataset = parse_dataset(data, implicit_le);
  EXPECT_EQ(read_items(*dataset, DcmTagKey(0x0009, 0x1040)).size(), 1u);
  EXPECT_EQ(read_text(*dataset, DCM_PatientID), "ID");
}

TEST(HostileLengths, ASequenceUnderUnIsImplicitInside) {
  const auto sequence = "\x09\x00\x01\x10UN\0\0\xff\xff\xff\xff"s;
  const auto lie = bytes_of(sequence + item_of_undefined_length + gigabyte_in_implicit);
  expect_refused(lie, explicit_le, AllOf(HasSubstr("(0010,0020)"), HasSubstr("only 32 ")));
  expect_refused(bytes_of("\x09\x00\x01\x10ZZ\0\0\xff\xff\xff\xff"s + item_of_undefined_length + gigabyte_in_implicit),
                 explicit_le, HasSubstr("(0010,0020)"));

  const auto true_one = bytes_of(sequence + item_of_undefined_length + "\x10\x00\x20\x00\x02\0\0\0ID"s + item_end +
                                 sequence_end + "\x10\x00\x20\x00LO\x02\0ME"s);
  EXPECT_EQ(read_text(*parse_dataset(true_one, explicit_le), DCM_PatientID), "ME");
}

TEST(HostileLengths, NothingIsLongerThanTheItemAroundIt) {
  const auto data = bytes_of("\x40\x00\x30\xa7SQ\0\0\x14\0\0\0"s + "\xfe\xff\x00\xe0\x0c\0\0\0"s +
                             "\x08\x00\x00\x01SH\x08\0ABCD"s + "\x10\x00\x20\x00LO\x04\0WXYZ"s);
  expect_refused(
      data, explicit_le,
      AllOf(HasSubstr("(0008,0100)"), HasSubstr("8 bytes"), HasSubstr("only 4 remain of what surrounds it")));
}

TEST(HostileLengths, AnItemIsNotLongerThanItsSequence) {
  const auto data =
      bytes_of("\x40\x00\x30\xa7SQ\0\0\x08\0\0\0"s + "\xfe\xff\x00\xe0\x0c\0\0\0"s + "\x08\x00\x00\x01SH\x04\0ABCD"s);
  expect_refused(data, explicit_le, AllOf(HasSubstr("an item"), HasSubstr("only 0 remain")));
}

TEST(HostileLengths, ASequenceHoldsItemsOnly) {
  const auto data = bytes_of("\x40\x00\x30\xa7SQ\0\0\xff\xff\xff\xff"s + "\x08\x00\x00\x01SH\0\x40"s);
  expect_refused(data, explicit_le, AllOf(HasSubstr("(0008,0100)"), HasSubstr("an item")));
  expect_refused(bytes_of("\xfe\xff\x00\xe0\0\0\0\x40"s), explicit_le, HasSubstr("stands where an element should"));
}

TEST(HostileLengths, WhatFollowsTheEndOfADataSetIsNotRead) {
  const auto data = bytes_of("\x10\x00\x20\x00LO\x02\0ID"s + item_end + "\x10\x00\x20\x00UT\0\0\0\0\0\x40"s);
  const test::LargestAllocation largest;
  EXPECT_EQ(read_text(*parse_dataset(data, explicit_le), DCM_PatientID), "ID");
  EXPECT_LT(largest.bytes(), one_mebibyte);
}

TEST(HostileLengths, OnlySequencesAndPixelDataHaveUndefinedLength) {
  expect_refused(bytes_of("\x10\x00\x00\x40UT\0\0\xff\xff\xff\xffXY"s), explicit_le,
                 AllOf(HasSubstr("(0010,4000)"), HasSubstr("undefined length")));
  expect_refused(bytes_of("\x10\x00\x20\x00\xff\xff\xff\xffXY"s), implicit_le, HasSubstr("(0010,0020)"));
}

TEST(HostileLengths, BigEndianDeflatedAndPrivateSyntaxesAreReadAsTheyAre) {
  expect_refused(bytes_of("\x00\x10\x40\x00UT\0\0\x40\0\0\0"s), explicit_be,
                 AllOf(HasSubstr("(0010,4000)"), HasSubstr("1073741824")));
  expect_refused(deflate("\x10\x00\x00\x40UT\0\0\0\0\0\x40"s + zeros), deflated,
                 AllOf(HasSubstr("(0010,4000)"), HasSubstr("1073741824"), HasSubstr("only 32 ")));
  expect_refused(bytes_of("\x10\x00\x20\x00LO\0\x40XY"s), ge_implicit,
                 AllOf(HasSubstr("(0010,0020)"), HasSubstr("1073762124")));
}

TEST(HostileLengths, ADeflatedDataSetIsReadToItsEnd) {
  auto data =
      deflate("\x10\x00\x20\x00LO\x02\0ID"s + std::string("\x10\x00\x00\x40LT\x00\x40"s) + std::string(0x4000, 'x'));
  EXPECT_EQ(read_text(*parse_dataset(data, deflated), DCM_PatientID), "ID");
  data.resize(data.size() / 2);
  expect_refused(data, deflated, HasSubstr("without the end of the compressed stream"));
}

TEST(HostileLengths, ALengthBeyondThePartAtHandTakesNoMemory) {
  const auto head = bytes_of("\x09\x00\x01\x10UN\0\0\0\0\0\x40"s + std::string(1000, 'x'));
  const test::LargestAllocation largest;
  EXPECT_THROW(parse_dataset_header(head, explicit_le, /*dataset_size=*/std::uint64_t{1} << 31), DicomError);
  EXPECT_LT(largest.bytes(), one_mebibyte);
}

TEST(HostileLengths, EmptyItemsAreCountedLikeElements) {
  std::string many = "\x40\x00\x30\xa7SQ\0\0\xff\xff\xff\xff"s;
  for (int i = 0; i < 1'000'001; ++i) many += "\xfe\xff\x00\xe0\0\0\0\0"s;
  EXPECT_THAT([&] { parse_dataset(bytes_of(many), explicit_le); },
              ThrowsMessage<DicomError>(HasSubstr("more than 1000000 elements")));
}

TEST(HostileLengths, OddLengthsGroupLengthsAndPaddingAreRead) {
  const auto data = bytes_of("\x10\x00\x00\x00UL\x04\0\x0b\0\0\0"s + "\x10\x00\x20\x00LO\x03\0ODD"s +
                             "\x40\x00\x30\xa7SQ\0\0\0\0\0\0"s + "\xfc\xff\xfc\xffOB\0\0\x04\0\0\0\0\0\0\0"s);
  EXPECT_EQ(read_text(*parse_dataset(data, explicit_le), DCM_PatientID), "ODD");
}

TEST(HostileLengths, NoMalformedFileTakesMoreThanItHas) {
  const std::filesystem::path folder = std::filesystem::path(PUNCTUM_SHARED_DATA) / "malformed-pwnlab-fuzz";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no " << folder;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".dcm") continue;
    const auto file = test::read_file(entry.path());
    for (const auto extent : {Extent::whole, Extent::header}) {
      const test::LargestAllocation largest;
      try {
        parse_part10(file, extent);
      } catch (const DicomError&) {
      }
      EXPECT_LT(largest.bytes(), file.size() + 2 * one_mebibyte) << entry.path();
    }
  }
}

}  // namespace
}  // namespace punctum
