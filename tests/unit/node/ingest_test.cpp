#include "node/ingest/ingest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "dicom/types/error.hpp"
#include "node/ingest/file_record.hpp"
#include "tests/support/dcmtk_environment.hpp"
#include "tests/support/gsps_builder.hpp"
#include "tests/support/matchers.hpp"
#include "tests/support/packed_slice.hpp"
#include "tests/unit/node/memory_of_a_node.hpp"

namespace punctum::test {
namespace {

using testing::HasSubstr;

Bytes text_bytes(const std::string& text) {
  Bytes out;
  for (const char c : text) out.push_back(static_cast<std::byte>(c));
  return out;
}

/// What the sender of these data set bytes would be told; "stored" if they went in.
template <class Failure>
std::string refusal_of(MemoryOfANode& node, const StoreRequest& request, ByteView dataset) {
  return PUNCTUM_MESSAGE_OF(Failure, [&] {
    const auto sink = node.ingest.begin_store(request);
    sink->write(dataset);
    sink->finish();
    return 0;
  }());
}

TEST(Ingest, KeepsTheDataSetByteForByte) {
  MemoryOfANode node;
  for (const auto* syntax :
       {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"}) {
    const auto slice = CtSliceBuilder{}.series(syntax).transfer_syntax(syntax).build();
    ASSERT_NO_THROW(node.receive(slice.file)) << syntax;
    EXPECT_EQ(node.stored_dataset(slice.uid()), dataset_of(slice.file)) << syntax;
  }
}

TEST(Ingest, WritesFileMetaInformationWithTheSender) {
  MemoryOfANode node;
  const auto slice = CtSliceBuilder{}.build();
  node.receive(slice.file);
  const auto stored = node.archive->instance(slice.uid());
  ASSERT_TRUE(stored);
  const auto layout = locate_dataset(node.archive->read(*stored));
  EXPECT_EQ(layout.transfer_syntax_uid, slice.file.transfer_syntax_uid);
  EXPECT_EQ(layout.dataset_offset, stored->record.dataset_offset);
  EXPECT_EQ(stored->record.source_ae_title, "SCANNER");
  EXPECT_EQ(stored->record.origin, Origin::received);
}

TEST(Ingest, IndexesQueryAttributesInUtf8) {
  MemoryOfANode node;
  const auto slice =
      CtSliceBuilder{}.patient("M\xfcller^J\xf6rg", "P-7").with("SpecificCharacterSet", "ISO_IR 100").build();
  node.receive(slice.file);
  const auto stored = node.archive->instance(slice.uid());
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->record.attributes.at("PatientName"), "Müller^Jörg");
  EXPECT_EQ(stored->record.attributes.at("PatientID"), "P-7");
  EXPECT_EQ(stored->record.attributes.at("Modality"), "CT");
}

TEST(Ingest, IndexesTheBeginningOfTextsThatNoAttributeMayHave) {
  MemoryOfANode node;
  std::string name;
  while (name.size() < 500'000) name += "Ärger^";
  const auto slice = CtSliceBuilder{}
                         .transfer_syntax("1.2.840.10008.1.2")  // the only one that has such lengths
                         .patient(name, "P-7")
                         .with("SpecificCharacterSet", "ISO_IR 192")
                         .build();
  node.receive(slice.file);
  const auto stored = node.archive->instance(slice.uid());
  ASSERT_TRUE(stored);
  const auto& indexed = stored->record.attributes.at("PatientName");
  EXPECT_LE(indexed.size(), 1024u);
  EXPECT_GT(indexed.size(), 1000u);
  EXPECT_EQ(indexed, name.substr(0, indexed.size())) << "cut between two characters";
  EXPECT_EQ(node.stored_dataset(slice.uid()), dataset_of(slice.file)) << "the file has all of it";
}

TEST(Ingest, SameInstanceAgainIsNoSecondOne) {
  MemoryOfANode node;
  const auto slice = CtSliceBuilder{}.build();
  node.receive(slice.file);
  const auto sequence = node.archive->last_sequence();
  node.receive(slice.file);
  EXPECT_EQ(node.archive->last_sequence(), sequence);
}

TEST(Ingest, RefusesOtherBytesUnderAStoredUid) {
  MemoryOfANode node;
  node.receive(CtSliceBuilder{}.build().file);
  const auto other = CtSliceBuilder{}.hu([](int, int) { return 77; }).build();
  EXPECT_THAT(refusal_of<IdentityConflict>(node, node.request_for(other.file), dataset_of(other.file)),
              HasSubstr("stored already"));
}

TEST(Ingest, RefusesDataSetThatIsNotWhatTheCommandSaid) {
  MemoryOfANode node;
  const auto slice = CtSliceBuilder{}.build();
  auto request = node.request_for(slice.file);
  request.sop_instance_uid = Uid::require("1.2.3.4");
  EXPECT_THAT(refusal_of<IdentityConflict>(node, request, dataset_of(slice.file)), HasSubstr("announced was 1.2.3.4"));
  request = node.request_for(slice.file);
  request.sop_class_uid = Uid::require("1.2.840.10008.5.1.4.1.1.4");
  EXPECT_THAT(refusal_of<IdentityConflict>(node, request, dataset_of(slice.file)), HasSubstr("SOP class"));
  EXPECT_EQ(node.archive->last_sequence(), 0);
  const auto events = node.stores.events->list(10);
  ASSERT_EQ(events.size(), 2u) << "an operator should know why a sender cannot get rid of its object";
  EXPECT_EQ(events[1].kind, event_kind::identity_conflict);
  EXPECT_EQ(events[1].sop_instance_uid, "1.2.3.4");
  EXPECT_THAT(events[1].detail, HasSubstr("announced was 1.2.3.4"));
}

/// Overwrites the first place where one text stands with another of the same length.
void overwrite(Bytes& bytes, const std::string& old_text, const std::string& new_text) {
  const auto place = std::ranges::search(bytes, text_bytes(old_text));
  ASSERT_FALSE(place.empty());
  ASSERT_EQ(old_text.size(), new_text.size());
  std::ranges::copy(text_bytes(new_text), place.begin());
}

TEST(Ingest, RefusesMissingTypeOneIdentifiers) {
  MemoryOfANode node;
  const auto slice = CtSliceBuilder{}.build();
  const std::string study("\x20\x00\x0d\x00UI", 6), series("\x20\x00\x0e\x00UI", 6), another("\x20\x00\x0c\x00UI", 6);
  auto dataset = dataset_of(slice.file);
  overwrite(dataset, study, another);
  EXPECT_THAT(refusal_of<DicomError>(node, node.request_for(slice.file), dataset), HasSubstr("StudyInstanceUID"));
  dataset = dataset_of(slice.file);
  overwrite(dataset, series, another);
  EXPECT_THAT(refusal_of<DicomError>(node, node.request_for(slice.file), dataset), HasSubstr("SeriesInstanceUID"));
}

TEST(Ingest, RefusesPathsInPlaceOfUids) {
  MemoryOfANode node;
  const auto slice = CtSliceBuilder{}.build();
  auto dataset = dataset_of(slice.file);
  const auto uid = slice.name().series_instance_uid.str();
  std::string path = "../../../../../../../etc/passwd";
  path.resize(uid.size(), 'x');
  overwrite(dataset, uid, path);
  EXPECT_THAT(refusal_of<DicomError>(node, node.request_for(slice.file), dataset), HasSubstr("UID"));
}

TEST(Ingest, QuarantinesWhatItCannotParseAndGoesOn) {
  MemoryOfANode node;
  const auto slice = CtSliceBuilder{}.build();
  const auto request = node.request_for(slice.file);
  const auto good = dataset_of(slice.file);
  refusal_of<DicomError>(node, request, text_bytes("this is no DICOM at all, but long enough to look at"));
  refusal_of<DicomError>(node, request, ByteView(good).first(good.size() / 20));
  refusal_of<DicomError>(node, request, {});
  std::size_t kept = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(node.folder.path())) {
    kept += entry.path().string().find("quarantine/") != std::string::npos && entry.is_regular_file() ? 1 : 0;
  }
  EXPECT_GE(kept, 3u);
  node.receive(slice.file);
  EXPECT_EQ(node.stored_dataset(slice.uid()), good);
}

TEST(Ingest, RefusesTenThousandNestedSequences) {
  MemoryOfANode node;
  const auto slice = CtSliceBuilder{}.build();
  auto bytes = dataset_of(slice.file);
  // (0008,1140) Referenced Image Sequence, undefined length, and an item in it, again and again.
  Bytes nested =
      text_bytes(std::string("\x08\x00\x40\x11SQ\x00\x00\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff", 20));
  Bytes hostile;
  for (int i = 0; i < 10000; ++i) hostile.insert(hostile.end(), nested.begin(), nested.end());
  hostile.insert(hostile.end(), bytes.begin(), bytes.end());
  EXPECT_THAT(refusal_of<DicomError>(node, node.request_for(slice.file), hostile), HasSubstr("nest"));
}

TEST(Ingest, ReadsIdentifiersBehindALargeHeader) {
  MemoryOfANode node;
  struct Case {
    int number, columns;
    std::uint8_t header_64k;
  };
  // More than is kept while it comes, in a small and in a large object; more than a megabyte.
  for (const auto [number, columns, header_64k] : {Case{1, 16, 2}, Case{2, 1024, 2}, Case{3, 16, 32}}) {
    const auto slice = CtSliceBuilder{}.instance(number).size(columns, columns).build();
    const auto dataset = dataset_of(slice.file);
    // A private group of so many bytes stands before everything that matters.
    Bytes large = text_bytes(std::string("\x07\x00\x10\x00LO\x04\x00TEST\x07\x00\x00\x10OB\x00\x00\x00\x00", 22));
    large.insert(large.end(), {std::byte{header_64k}, std::byte{0}});
    large.resize(large.size() + (std::size_t{header_64k} << 16), std::byte{7});
    large.insert(large.end(), dataset.begin(), dataset.end());
    const auto sink = node.ingest.begin_store(node.request_for(slice.file));
    sink->write(large);
    sink->finish();
    EXPECT_EQ(node.stored_dataset(slice.uid()), large) << number;
  }
}

TEST(Ingest, ReadsOnWhereTheKeptHeadEndsBetweenTwoElements) {
  MemoryOfANode node;
  const auto slice = CtSliceBuilder{}.instance(7).build();
  const auto dataset = dataset_of(slice.file);
  const auto number = text_bytes(std::string("\x20\x00\x13\x00IS", 6));
  const auto before = static_cast<std::size_t>(std::ranges::search(dataset, number).begin() - dataset.begin());
  ASSERT_LT(before, dataset.size());
  // A private element moves the Instance Number right behind the first 64 KiB.
  Bytes large = text_bytes(std::string("\x07\x00\x10\x00LO\x04\x00TEST\x07\x00\x00\x10OB\x00\x00", 20));
  const auto length = (std::size_t{64} << 10) - large.size() - 4 - before;
  for (int i = 0; i < 4; ++i) large.push_back(static_cast<std::byte>(length >> (8 * i) & 0xff));
  large.resize(large.size() + length);
  large.insert(large.end(), dataset.begin(), dataset.end());
  const auto sink = node.ingest.begin_store(node.request_for(slice.file));
  sink->write(large);
  sink->finish();
  const auto stored = node.archive->instance(slice.uid());
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->record.attributes.at("InstanceNumber"), "7");
}

TEST(Ingest, ReadsNoLargeObjectOfGarbageBackIntoMemory) {
  MemoryOfANode node;
  const auto sink = node.ingest.begin_store(node.request_for(CtSliceBuilder{}.build().file));
  const Bytes garbage(std::size_t{8} << 20, std::byte{0x5a});
  for (int i = 0; i < 65; ++i) sink->write(garbage);
  EXPECT_THAT(PUNCTUM_MESSAGE_OF(DicomError, sink->finish()), HasSubstr("520 MiB, expected at most 512"));
}

TEST(Ingest, ProducedObjectsPassTheSameDoor) {
  MemoryOfANode node;
  const auto slice = CtSliceBuilder{}.build();
  EXPECT_EQ(node.ingest.store_produced(slice.file), StoreOutcome::stored);
  const auto stored = node.archive->instance(slice.uid());
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->record.origin, Origin::produced);
  EXPECT_EQ(node.archive->read(*stored), slice.file.bytes);
  EXPECT_EQ(node.ingest.store_produced(slice.file), StoreOutcome::already_there);
}

TEST(Ingest, TellsAWholeFileFromOneThatWasCutShort) {
  for (const auto* syntax : {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99"}) {
    SCOPED_TRACE(syntax);
    const auto file = CtSliceBuilder{}.transfer_syntax(syntax).build().file;
    EXPECT_TRUE(is_whole_file(file.bytes));
    for (const std::size_t missing : {1, 100, 400}) {
      EXPECT_FALSE(is_whole_file(ByteView(file.bytes).first(file.bytes.size() - missing))) << missing;
    }
  }
  const auto packed_slice = packed(CtSliceBuilder{}.size(64, 64).build()).bytes;
  EXPECT_TRUE(is_whole_file(packed_slice));
  EXPECT_FALSE(is_whole_file(ByteView(packed_slice).first(packed_slice.size() - 8)));
  EXPECT_FALSE(is_whole_file({}));
}

TEST(Ingest, DescribesAFileThatACrashLeftBehindAsItWasStored) {
  MemoryOfANode node;
  const auto slice = CtSliceBuilder{}.build();
  node.receive(slice.file);
  const auto stored = node.archive->instance(slice.uid());
  const auto found = record_of_file(node.archive->read(*stored));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, slice.name());
  EXPECT_EQ(found->dataset_digest, stored->record.dataset_digest);
  EXPECT_EQ(found->dataset_offset, stored->record.dataset_offset);
  EXPECT_EQ(found->origin, Origin::received);
  EXPECT_EQ(record_of_file(slice.file.bytes)->origin, Origin::produced);
  EXPECT_FALSE(record_of_file(text_bytes("no DICOM")));
}

}  // namespace
}  // namespace punctum::test
