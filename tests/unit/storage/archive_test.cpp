#include <gmock/gmock.h>

#include <fstream>
#include <numeric>
#include <thread>

#include "dicom/types/error.hpp"
#include "tests/unit/storage/storage_fixture.hpp"

namespace punctum::test {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

class ArchiveTest : public testing::Test {
 protected:
  std::unique_ptr<Archive> open() const { return Archive::open(options_for(folder)); }
  TempFolder folder;
};

TEST_F(ArchiveTest, ReturnsWhatWasStoredByteForByte) {
  const auto archive = open();
  Bytes content(525'000);
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<std::byte>(i * 2654435761u >> 13);
  auto record = record_of(1, 1, 1, content);
  record.dataset_offset = 344;
  record.origin = Origin::produced;

  auto spool = archive->begin();
  const std::span all(content);
  for (std::size_t at = 0; at < all.size(); at += 10'000)
    spool->write(all.subspan(at, std::min<std::size_t>(10'000, all.size() - at)));
  EXPECT_EQ(spool->size(), content.size());
  EXPECT_EQ(archive->store(std::move(spool), record), StoreOutcome::stored);

  const auto found = archive->instance(record.name.sop_instance_uid);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->record.name, record.name);
  EXPECT_EQ(found->record.dataset_digest, record.dataset_digest);
  EXPECT_EQ(found->record.dataset_offset, 344u);
  EXPECT_EQ(found->record.file_size, content.size());
  EXPECT_EQ(found->record.origin, Origin::produced);
  EXPECT_EQ(found->record.source_ae_title, "MODALITY");
  EXPECT_EQ(found->record.attributes.at("PatientName"), "Doe^Jane");
  EXPECT_EQ(found->record.attributes.at("StudyInstanceUID"), record.name.study_instance_uid.str());
  EXPECT_EQ(archive->read(*found), content);
  EXPECT_EQ(std::filesystem::file_size(archive->local_path(*found)), content.size());
}

TEST_F(ArchiveTest, PiecesOfAnySizeBecomeTheSameFile) {
  const auto archive = open();
  constexpr std::size_t grain = 65536, pdu = 131060;
  const std::vector<std::vector<std::size_t>> ways{{1},
                                                   {grain - 1, 1, 1},
                                                   {grain},
                                                   {grain + 1, grain - 2, 3},
                                                   {350, pdu, pdu, pdu, 17},
                                                   {3 * grain, 5},
                                                   {7 * grain + 9}};
  int number = 0;
  for (const auto& sizes : ways) {
    Bytes content(std::accumulate(sizes.begin(), sizes.end(), std::size_t{0}));
    for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<std::byte>(i * 2654435761u >> 13);
    const auto record = record_of(1, 1, ++number, content);
    auto spool = archive->begin();
    std::size_t at = 0;
    for (const auto size : sizes) {
      spool->write(ByteView(content).subspan(at, size));
      at += size;
      if (number % 2 == 0) {
        const auto so_far = ByteView(content).first(at);
        EXPECT_EQ(spool->read_back(at), Bytes(so_far.begin(), so_far.end())) << number;
      }
    }
    spool->start_writeback();
    archive->store(std::move(spool), record);
    EXPECT_EQ(archive->read(*archive->instance(record.name.sop_instance_uid)), content) << number;
  }
}

TEST_F(ArchiveTest, NamesNoFileAfterAnythingASenderChose) {
  const auto archive = open();
  const auto content = bytes_of("x");
  const auto record = record_of(1, 1, 1, content);
  put(*archive, record, content);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path())) {
    EXPECT_THAT(entry.path().string(), testing::Not(HasSubstr(record.name.sop_instance_uid.str())));
  }
}

TEST_F(ArchiveTest, ReadsBackTheFirstBytesOfAnUnfinishedSpoolFile) {
  const auto archive = open();
  auto spool = archive->begin();
  spool->write(bytes_of("0123456789"));
  EXPECT_EQ(spool->read_back(4), bytes_of("0123"));
  spool->write(bytes_of("abc"));
  EXPECT_EQ(spool->read_back(100), bytes_of("0123456789abc"));
  EXPECT_EQ(spool->size(), 13u);
}

TEST_F(ArchiveTest, AbandonedSpoolLeavesNothing) {
  const auto archive = open();
  {
    const auto spool = archive->begin();
    spool->write(Bytes(300'000));
  }
  EXPECT_EQ(bytes_below(folder.path() / "data/blobs"), 0u);
  EXPECT_EQ(archive->last_sequence(), 0);
}

TEST_F(ArchiveTest, IdenticalInstanceSentAgainIsANoOp) {
  const auto archive = open();
  const auto content = bytes_of("slice");
  const auto record = record_of(1, 1, 1, content);
  EXPECT_EQ(put(*archive, record, content), StoreOutcome::stored);
  const auto blob = archive->instance(record.name.sop_instance_uid)->blob;
  EXPECT_EQ(put(*archive, record, content), StoreOutcome::already_there);
  EXPECT_EQ(archive->instance(record.name.sop_instance_uid)->blob, blob);
  EXPECT_EQ(archive->last_sequence(), 1);
  EXPECT_EQ(files_kept(folder.path() / "data/blobs"), 1u);
}

TEST_F(ArchiveTest, OtherBytesUnderAStoredUidAreRefusedAndChangeNothing) {
  const auto archive = open();
  const auto content = bytes_of("slice"), other = bytes_of("forged");
  put(*archive, record_of(1, 1, 1, content), content);
  EXPECT_THROW(put(*archive, record_of(1, 1, 1, other), other), IdentityConflict);
  EXPECT_EQ(archive->read(*archive->instance(uid("3.1.1.1"))), content);
  EXPECT_EQ(files_kept(folder.path() / "data/blobs"), 1u);
}

TEST_F(ArchiveTest, AStoredUidUnderAnotherStudySeriesOrClassIsRefused) {
  const auto archive = open();
  const auto content = bytes_of("slice");
  const auto record = record_of(1, 1, 1, content);
  put(*archive, record, content);
  auto other_study = record, other_series = record, other_class = record;
  other_study.name.study_instance_uid = uid("1.9");
  other_series.name.series_instance_uid = uid("2.9");
  other_class.name.sop_class_uid = Uid::require("1.2.840.10008.5.1.4.1.1.4");
  for (const auto& conflicting : {other_study, other_series, other_class}) {
    EXPECT_THROW(put(*archive, conflicting, content), IdentityConflict);
  }
  EXPECT_EQ(archive->instance(record.name.sop_instance_uid)->record.name, record.name);
}

TEST_F(ArchiveTest, ConflictMessageNamesNoPatient) {
  const auto archive = open();
  const auto content = bytes_of("slice"), other = bytes_of("forged");
  put(*archive, record_of(1, 1, 1, content), content);
  try {
    put(*archive, record_of(1, 1, 1, other), other);
    FAIL() << "was stored";
  } catch (const IdentityConflict& error) {
    EXPECT_THAT(error.what(), HasSubstr("1.2.3.3.1.1.1"));
    EXPECT_THAT(error.what(), testing::Not(HasSubstr("Doe")));
    EXPECT_THAT(error.what(), testing::Not(HasSubstr("P1")));
  }
}

TEST_F(ArchiveTest, OfParallelStoresOfOneUidExactlyOneWins) {
  const auto archive = open();
  constexpr int senders = 8, rounds = 20;
  for (int round = 0; round < rounds; ++round) {
    std::atomic<int> stored = 0, there = 0, refused = 0;
    std::vector<std::jthread> threads;
    for (int sender = 0; sender < senders; ++sender) {
      threads.emplace_back([&, sender] {
        const auto content = bytes_of(sender % 2 == 0 ? "even" : "odd");  // half of them agree
        try {
          ++(put(*archive, record_of(1, 1, round, content), content) == StoreOutcome::stored ? stored : there);
        } catch (const IdentityConflict&) {
          ++refused;
        }
      });
    }
    threads.clear();
    EXPECT_EQ(stored, 1);
    EXPECT_EQ(there, senders / 2 - 1);
    EXPECT_EQ(refused, senders / 2);
  }
  EXPECT_EQ(archive->last_sequence(), rounds);
  EXPECT_EQ(files_kept(folder.path() / "data/blobs"), static_cast<std::size_t>(rounds));
}

TEST_F(ArchiveTest, StoresThatWaitTogetherShareTransactions) {
  LocalArchive archive(options_for(folder));
  constexpr int senders = 8, each = 40;
  {
    std::vector<std::jthread> threads;
    for (int sender = 0; sender < senders; ++sender) {
      threads.emplace_back([&, sender] {
        for (int i = 0; i < each; ++i) {
          const auto content = bytes_of("content of " + std::to_string(i));
          EXPECT_EQ(put(archive, record_of(1, sender, i, content), content), StoreOutcome::stored);
        }
      });
    }
  }
  EXPECT_EQ(archive.last_sequence(), senders * each);
  EXPECT_LT(archive.commits(), std::size_t{senders * each});
}

TEST_F(ArchiveTest, ALoneSenderCommitsEachStoreAtOnce) {
  LocalArchive archive(options_for(folder));
  for (int i = 0; i < 3; ++i) put(archive, record_of(1, 1, i, bytes_of("x")), bytes_of("x"));
  EXPECT_EQ(archive.commits(), 3u);
}

TEST_F(ArchiveTest, ChangeFeedNumbersWhatArrivedInOrder) {
  const auto archive = open();
  for (int i = 1; i <= 5; ++i) {
    auto record = record_of(1, 1, i, bytes_of("x"));
    record.origin = i == 5 ? Origin::produced : Origin::received;
    put(*archive, record, bytes_of("x"));
  }
  const auto changes = archive->changes_after(2, 2);
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[0].sequence, 3);
  EXPECT_EQ(changes[0].name.sop_instance_uid, uid("3.1.1.3"));
  EXPECT_EQ(changes[1].origin, Origin::received);
  EXPECT_EQ(archive->changes_after(4, 10).at(0).origin, Origin::produced);
  EXPECT_TRUE(archive->changes_after(5, 10).empty());
}

TEST_F(ArchiveTest, WaitingForAChangeEndsWhenOneComesOrTheTimeIsOver) {
  const auto archive = open();
  EXPECT_FALSE(archive->wait_for_change(0, 1ms));
  std::jthread sender([&] { put(*archive, record_of(1, 1, 1, bytes_of("x")), bytes_of("x")); });
  EXPECT_TRUE(archive->wait_for_change(0, 10s));
  EXPECT_TRUE(archive->wait_for_change(0, 0ms));
}

TEST_F(ArchiveTest, ChangeFeedGoesOnAfterARestart) {
  put(*open(), record_of(1, 1, 1, bytes_of("x")), bytes_of("x"));
  const auto archive = open();
  EXPECT_EQ(archive->last_sequence(), 1);
  put(*archive, record_of(1, 1, 2, bytes_of("y")), bytes_of("y"));
  EXPECT_EQ(archive->last_sequence(), 2);
  EXPECT_EQ(archive->reconciled().instances, 1u);
}

TEST_F(ArchiveTest, SeriesListsItsInstancesAndKnowsItsLastArrival) {
  std::int64_t now = 1'000;
  LocalArchive archive(options_for(folder), {{}, {}, [&] { return now; }});
  EXPECT_EQ(archive.last_arrival_utc_ms(uid("2.1.1")), 0);
  for (int i = 1; i <= 3; ++i, now += 500) put(archive, record_of(1, 1, i, bytes_of("x")), bytes_of("x"));
  put(archive, record_of(1, 2, 1, bytes_of("x")), bytes_of("x"));
  EXPECT_EQ(archive.series(uid("2.1.1")).size(), 3u);
  EXPECT_EQ(archive.series(uid("2.1.1")).at(1).stored_utc_ms, 1'500);
  EXPECT_EQ(archive.last_arrival_utc_ms(uid("2.1.1")), 2'000);
  EXPECT_TRUE(archive.series(uid("2.7")).empty());
}

TEST_F(ArchiveTest, AnInstanceKeepsItsOwnAttributesWhereItsStudySaysOtherwise) {
  const auto archive = open();
  put(*archive, record_of(1, 1, 1, bytes_of("x")), bytes_of("x"));
  auto other = record_of(1, 1, 2, bytes_of("y"));
  other.attributes["PatientID"] = "SOMEBODY ELSE";
  other.attributes.erase("PatientName");
  put(*archive, other, bytes_of("y"));

  const auto found = archive->instance(other.name.sop_instance_uid);
  EXPECT_EQ(found->record.attributes.at("PatientID"), "SOMEBODY ELSE");
  EXPECT_FALSE(found->record.attributes.contains("PatientName"));
  EXPECT_EQ(archive->instance(uid("3.1.1.1"))->record.attributes.at("PatientID"), "P1");
}

TEST_F(ArchiveTest, SelectFindsAllInstancesUnderUniqueKeysAndNothingWithoutThem) {
  const auto archive = open();
  for (int series = 1; series <= 2; ++series) {
    for (int i = 1; i <= 2; ++i) put(*archive, record_of(1, series, i, bytes_of("x")), bytes_of("x"));
  }
  put(*archive, record_of(2, 1, 1, bytes_of("x")), bytes_of("x"));
  using Keys = std::vector<Match>;
  EXPECT_EQ(archive->select(QueryLevel::study, Keys{{"StudyInstanceUID", "1.2.3.1.1"}}).size(), 4u);
  EXPECT_EQ(archive->select(QueryLevel::study, Keys{{"StudyInstanceUID", "1.2.3.1.1\\1.2.3.1.2"}}).size(), 5u);
  EXPECT_EQ(archive->select(QueryLevel::patient, Keys{{"PatientID", "P2"}}).size(), 1u);
  EXPECT_EQ(
      archive->select(QueryLevel::series, Keys{{"StudyInstanceUID", "1.2.3.1.1"}, {"SeriesInstanceUID", "1.2.3.2.1.2"}})
          .size(),
      2u);
  EXPECT_TRUE(archive->select(QueryLevel::study, Keys{{"PatientID", "P1"}}).empty());
  EXPECT_TRUE(archive->select(QueryLevel::study, Keys{{"StudyInstanceUID", ""}}).empty());
}

TEST_F(ArchiveTest, QuarantineKeepsTheBytesWithTheReasonAndOutOfTheIndex) {
  const auto archive = open();
  auto spool = archive->begin();
  spool->write(bytes_of("not DICOM"));
  archive->quarantine(std::move(spool), "no data set was found");
  EXPECT_EQ(files_below(folder.path() / "data/quarantine"), 2u);
  EXPECT_EQ(bytes_below(folder.path() / "data/blobs"), 0u);
  EXPECT_EQ(archive->last_sequence(), 0);
}

TEST_F(ArchiveTest, ASecondNodeOnTheSameFolderIsRefused) {
  const auto archive = open();
  EXPECT_THROW(open(), StorageError);
}

TEST_F(ArchiveTest, AnUnwritableFolderIsRefusedWithItsName) {
  std::ofstream(folder.path() / "data") << "a file where a folder should be";
  try {
    open();
    FAIL() << "was opened";
  } catch (const StorageError& error) {
    EXPECT_THAT(error.what(), HasSubstr((folder.path() / "data").string()));
  }
}

TEST_F(ArchiveTest, AnIndexOfANewerProgramIsRefused) {
  open();
  sqlite::Connection::open(folder.path() / "data/index.sqlite", sqlite::Access::read_write)
      .execute("PRAGMA user_version = 999");
  EXPECT_THROW(open(), StorageError);
}

}  // namespace
}  // namespace punctum::test
