// The quarantine, and reading again what is stored.

#include "dicom/types/error.hpp"
#include "tests/unit/storage/upkeep_fixture.hpp"

namespace punctum::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// ---- quarantine

TEST_F(UpkeepTest, TheQuarantineIsBoundedAndTheOldestMakesRoom) {
  auto options = options_for(folder);
  options.quarantine_bytes = 250'000;
  const auto archive = Archive::open(options);
  for (int i = 0; i < 5; ++i) {
    auto spool = archive->begin();
    spool->write(Bytes(100'000));
    archive->quarantine(std::move(spool), "no DICOM");
  }
  EXPECT_LE(bytes_below(data() / "quarantine"), 250'000u);
  EXPECT_GE(bytes_below(data() / "quarantine"), 200'000u);
  auto large = archive->begin();
  large->write(Bytes(300'000));
  archive->quarantine(std::move(large), "no DICOM, and large");
  EXPECT_LE(bytes_below(data() / "quarantine"), 250'000u);
}

// ---- re-reading

TEST_F(UpkeepTest, ReadingAgainFindsEveryKindOfDamage) {
  const auto archive = open();
  put_study(*archive, 1, 4);
  const auto looks = upkeep();
  const auto files = looks->files_after(0, 10);
  ASSERT_THAT(files, SizeIs(4));
  overwrite(files[1].path, "X");
  fs::permissions(files[2].path, fs::perms::owner_write, fs::perm_options::add);
  fs::resize_file(files[2].path, 3);
  fs::remove(files[3].path);
  EXPECT_EQ(looks->examine(files[0], nobody), FileCondition::whole);
  EXPECT_EQ(looks->examine(files[1], nobody), FileCondition::other_bytes);
  EXPECT_EQ(looks->examine(files[2], nobody), FileCondition::other_size);
  EXPECT_EQ(looks->examine(files[3], nobody), FileCondition::missing);
}

TEST_F(UpkeepTest, ADamagedInstanceIsReplacedOnlyByOneOfItsSeriesAndAloud) {
  const auto archive = open();
  put_one(*archive, 1, 1);
  const auto looks = upkeep();
  const auto file = overwrite_only_file(*looks);
  looks->mark(file, FileCondition::other_bytes);

  const auto content = bytes_of("sent anew, other bytes");
  auto elsewhere = record_of(1, 1, 1, content);
  elsewhere.name.study_instance_uid = uid("1.99");
  EXPECT_THROW(put(*archive, elsewhere, content), IdentityConflict);
  EXPECT_THROW(archive->read(*archive->instance(uid("3.1.1.1"))), StorageError) << "still the damaged one";

  put(*archive, record_of(1, 1, 1, content), content);
  EXPECT_EQ(archive->read(*archive->instance(uid("3.1.1.1"))), content);
  EXPECT_THAT(kinds(),
              testing::UnorderedElementsAre(event_kind::damaged, event_kind::identity_conflict, event_kind::replaced));
  EXPECT_FALSE(fs::exists(file.path));
  EXPECT_GT(files_below(data() / "quarantine"), 0u) << "somebody may want to compare";
  EXPECT_THAT(looks->index_faults(), IsEmpty());
}

TEST_F(UpkeepTest, ADamagedInstanceIsNotHandedOutAndHealsWhenItIsSentAgain) {
  const auto archive = open();
  put_one(*archive, 1, 1);
  const auto looks = upkeep();
  const auto file = overwrite_only_file(*looks);
  looks->mark(file, looks->examine(file, nobody));
  looks->mark(file, FileCondition::other_bytes);  // told once
  EXPECT_THAT(kinds(), ElementsAre(event_kind::damaged));
  EXPECT_THROW(archive->read(*archive->instance(uid("3.1.1.1"))), StorageError);

  put_one(*archive, 1, 1);
  EXPECT_EQ(archive->read(*archive->instance(uid("3.1.1.1"))), bytes_of("slice1.1"));
  EXPECT_THAT(kinds(), testing::UnorderedElementsAre(event_kind::damaged, event_kind::healed));
  EXPECT_EQ(files_below(data() / "quarantine/found"), 2u) << "nobody knows that it is the same: the file, the reason";
  EXPECT_EQ(files_kept(data() / "blobs"), 1u);
  EXPECT_THAT(looks->index_faults(), IsEmpty());
}

TEST_F(UpkeepTest, WhatIsMarkedThoughWholeArrivesAnewAndIsNotKeptTwice) {
  const auto archive = open();
  put_one(*archive, 1, 1);
  const auto looks = upkeep();
  looks->mark(looks->files_after(0, 1).at(0), FileCondition::unreadable);  // the disk was away for a moment
  put_one(*archive, 1, 1);
  EXPECT_EQ(archive->read(*archive->instance(uid("3.1.1.1"))), bytes_of("slice1.1"));
  EXPECT_EQ(archive->last_sequence(), 2);
  EXPECT_EQ(looks->remove_discarded_files(), 1u);
  EXPECT_FALSE(fs::exists(data() / "quarantine/found"));
}

TEST_F(UpkeepTest, FilesThatNoRowNamesAreFoundAndUnfinishedOnesAreNot) {
  const auto archive = open();
  put_one(*archive, 1, 1);
  const auto spool = archive->begin();
  spool->write(Bytes(300'000));
  EXPECT_THAT(upkeep()->files_without_row(), IsEmpty());
  const auto file = data() / "blobs" / upkeep()->files_after(0, 1).at(0).blob;
  fs::copy_file(file, file.parent_path() / "copy");
  EXPECT_THAT(upkeep()->files_without_row(), SizeIs(1));
}

TEST_F(UpkeepTest, WrongCountsInTheIndexAreFound) {
  put_study(*open(), 1);
  EXPECT_THAT(upkeep()->index_faults(), IsEmpty());
  open_index(data(), sqlite::Access::read_write)
      .execute("DROP TRIGGER series_counted; UPDATE series SET instance_count = 7");
  EXPECT_THAT(upkeep()->index_faults(), SizeIs(2)) << "of the series, and of the study that adds them up";
}

}  // namespace
}  // namespace punctum::test
