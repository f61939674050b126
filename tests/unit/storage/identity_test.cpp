// What comes under a UID or Patient ID that is there already, and the events that it leaves.

#include "dicom/types/error.hpp"
#include "tests/unit/storage/upkeep_fixture.hpp"

namespace punctum::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(UpkeepTest, ARefusedInstanceLeavesAnEventThatCountsItsRepetitions) {
  const auto archive = open();
  put_one(*archive, 1, 1);
  for (int i = 0; i < 3; ++i) EXPECT_THROW(put_one(*archive, 1, 1, "other"), IdentityConflict);
  const auto all = events();
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_EQ(all[0].kind, event_kind::identity_conflict);
  EXPECT_EQ(all[0].sop_instance_uid, "1.2.3.3.1.1.1");
  EXPECT_EQ(all[0].study_instance_uid, "1.2.3.1.1");
  EXPECT_EQ(all[0].source_ae_title, "MODALITY");
  EXPECT_EQ(all[0].times, 3);
  EXPECT_GE(all[0].last_utc_ms, all[0].first_utc_ms);
}

TEST_F(UpkeepTest, AMarkThatDoesNotHoldGivesNoPlaceAway) {
  const auto archive = open();
  put_one(*archive, 1, 1);
  const auto keeper = upkeep();
  const auto file = keeper->files_after(0, 1).at(0);
  keeper->mark(file, FileCondition::unreadable);  // the disk was away for a moment
  EXPECT_THROW(put_one(*archive, 1, 1, "other"), IdentityConflict);
  const auto stored = archive->instance(uid("3.1.1.1"));
  EXPECT_EQ(archive->read(*stored), bytes_of("slice1.1")) << "the mark is gone, too";
  EXPECT_EQ(sound_files(), 1u);
}

TEST_F(UpkeepTest, WhatCannotBeReadAtTheMomentIsNotReplaced) {
  const auto archive = open();
  put_one(*archive, 1, 1);
  const auto file = upkeep()->files_after(0, 1).at(0);
  const auto away = folder.path() / "away";
  fs::rename(file.path, away);
  fs::create_symlink(file.path, file.path);  // cannot be opened
  EXPECT_THROW(put_one(*archive, 1, 1, "other"), OutOfResources);
  fs::remove(file.path);
  fs::rename(away, file.path);
  EXPECT_EQ(archive->read(*archive->instance(uid("3.1.1.1"))), bytes_of("slice1.1"));
}

TEST_F(UpkeepTest, WhatIsReplacedLiesWhereOnlyAnOperatorRemovesIt) {
  const auto archive = open();
  put_one(*archive, 1, 1);
  overwrite_only_file(*upkeep());
  put_one(*archive, 1, 1, "other");
  EXPECT_EQ(archive->read(*archive->instance(uid("3.1.1.1"))), bytes_of("other1.1"));
  EXPECT_EQ(files_below(data() / "quarantine/found"), 2u) << "the file and the reason";
}

TEST_F(UpkeepTest, OnePatientIdWithTwoPeopleIsKeptAndFlagged) {
  const auto archive = open();
  const auto content = bytes_of("slice");
  auto jane = record_of(1, 1, 1, content), john = record_of(2, 1, 1, content);
  jane.attributes["PatientBirthDate"] = "19700101";
  john.attributes = {{"PatientID", "P1"}, {"PatientName", "Roe^John"}, {"PatientBirthDate", "19800101"}};
  put(*archive, jane, content);
  EXPECT_EQ(put(*archive, john, content), StoreOutcome::stored);
  const auto all = events();
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_EQ(all[0].kind, event_kind::patient_mismatch);
  EXPECT_EQ(all[0].study_instance_uid, "1.2.3.1.2");
  EXPECT_THAT(all[0].detail, HasSubstr("PatientName PatientBirthDate"));
  EXPECT_THAT(all[0].detail, testing::Not(HasSubstr("Roe"))) << "no patient text";
}

TEST_F(UpkeepTest, AnotherSpellingOfANameIsTheSamePerson) {
  const auto archive = open();
  const auto content = bytes_of("slice");
  auto again = record_of(2, 1, 1, content);
  again.attributes["PatientID"] = "P1";
  again.attributes["PatientName"] = "DOE^JANE^^";
  put_one(*archive, 1, 1);
  put(*archive, again, content);
  EXPECT_THAT(events(), IsEmpty());
}

TEST_F(UpkeepTest, InconsistentInstancesOfASeriesAreKeptAndFlaggedOnce) {
  const auto archive = open();
  put_one(*archive, 1, 1);
  for (int i = 2; i < 6; ++i) {
    const auto content = bytes_of("slice" + std::to_string(i));
    auto record = record_of(1, 1, i, content);
    record.attributes["Modality"] = "MR";
    record.attributes["PatientName"] = "Roe^John";
    EXPECT_EQ(put(*archive, record, content), StoreOutcome::stored);
  }
  const auto all = events();
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_THAT(kinds(), testing::UnorderedElementsAre(event_kind::study_inconsistent, event_kind::series_inconsistent));
  EXPECT_EQ(all[0].times, 4);
  EXPECT_EQ(archive->series(uid("2.1.1")).size(), 5u);
}

TEST_F(UpkeepTest, AnythingCanBeNoted) {
  const auto archive = open();
  archive->note({.kind = "disk_low", .detail = "x"});
  EXPECT_THAT(kinds(), ElementsAre("disk_low"));
}

TEST_F(UpkeepTest, TheSameValuesInOtherBytesAreAcceptedAndTheFirstStays) {
  auto options = options_for(folder);
  options.same_content = [](ByteView one, ByteView other) { return one.size() == other.size(); };
  const auto archive = Archive::open(options);
  put_one(*archive, 1, 1, "slice");
  const auto content = bytes_of("ECILS1.1");
  EXPECT_EQ(put(*archive, record_of(1, 1, 1, content), content), StoreOutcome::already_there);
  EXPECT_EQ(archive->read(*archive->instance(uid("3.1.1.1"))), bytes_of("slice1.1"));
  EXPECT_THAT(kinds(), ElementsAre(event_kind::same_content));
  const auto longer = bytes_of("longer than that");
  EXPECT_THROW(put(*archive, record_of(1, 1, 1, longer), longer), IdentityConflict);
}

TEST_F(UpkeepTest, TwoEncodingsOfOneInstanceAtTheSameTimeAreBothAccepted) {
  auto options = options_for(folder);
  options.same_content = [](ByteView one, ByteView other) { return one.size() == other.size(); };
  Archive* archive = nullptr;
  std::string meanwhile = "slice";
  int number = 1;
  // While the second waits for its file, when it has been found unknown already, another comes in its place.
  const auto overtake = [&](FileStep step) {
    if (step != FileStep::sync_file || meanwhile.empty()) return 0;
    put_one(*archive, 1, number, std::exchange(meanwhile, ""));
    return 0;
  };
  LocalArchive local(options, {{}, overtake, {}});
  archive = &local;
  const auto content = bytes_of("ECILS1.1");
  EXPECT_EQ(put(local, record_of(1, 1, 1, content), content), StoreOutcome::already_there);
  EXPECT_EQ(local.read(*local.instance(uid("3.1.1.1"))), bytes_of("slice1.1"));
  EXPECT_THAT(kinds(), ElementsAre(event_kind::same_content));
  EXPECT_EQ(files_kept(data() / "blobs"), 1u);

  meanwhile = "other values";
  number = 2;
  const auto second = bytes_of("slice1.2");
  EXPECT_THROW(put(local, record_of(1, 1, 2, second), second), IdentityConflict);
  EXPECT_THAT(kinds(), testing::UnorderedElementsAre(event_kind::same_content, event_kind::identity_conflict));
}

TEST_F(UpkeepTest, AnotherEncodingTakesThePlaceOfAFileThatIsNoLongerWhole) {
  auto options = options_for(folder);
  options.same_content = [](ByteView one, ByteView other) { return one.size() == other.size(); };
  const auto archive = Archive::open(options);
  put_one(*archive, 1, 1);
  overwrite(archive->local_path(*archive->instance(uid("3.1.1.1"))), "X");
  const auto content = bytes_of("ECILS1.1");
  EXPECT_EQ(put(*archive, record_of(1, 1, 1, content), content), StoreOutcome::stored);
  EXPECT_EQ(archive->read(*archive->instance(uid("3.1.1.1"))), content);
  EXPECT_THAT(kinds(), ElementsAre(event_kind::replaced));
}

TEST_F(UpkeepTest, WhatItHoldsIsReadBeforeAnybodyIsToldSo) {
  const auto archive = open();
  put_one(*archive, 1, 1);
  const auto stored = *archive->instance(uid("3.1.1.1"));
  auto elsewhere = stored.record.name;
  elsewhere.series_instance_uid = uid("2.9");
  EXPECT_TRUE(archive->is_kept(stored));
  EXPECT_TRUE(archive->holds(stored.record.name, bytes_of("slice1.1")));
  EXPECT_FALSE(archive->holds(stored.record.name, bytes_of("other1.1")));
  EXPECT_FALSE(archive->holds(elsewhere, bytes_of("slice1.1")));
  overwrite(archive->local_path(stored), "X");
  EXPECT_FALSE(archive->is_kept(stored));
  EXPECT_FALSE(archive->holds(stored.record.name, bytes_of("slice1.1")));
}

TEST_F(UpkeepTest, WhatIsThereOnlyInPartIsNotHeld) {
  const auto archive = open();
  put_one(*archive, 1, 1);
  const auto path = archive->local_path(*archive->instance(uid("3.1.1.1")));
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
  fs::resize_file(path, 3);
  EXPECT_FALSE(archive->holds(archive->instance(uid("3.1.1.1"))->record.name, bytes_of("slice1.1")));
}

TEST_F(UpkeepTest, AnotherDataSetIsNotTheSameBecauseSomebodyMadeItsDigestAgree) {
  const auto archive = open();
  put_one(*archive, 1, 1);
  const auto forged = bytes_of("other1.1");
  auto record = record_of(1, 1, 1, forged);
  record.dataset_digest = archive->instance(uid("3.1.1.1"))->record.dataset_digest;
  EXPECT_THROW(put(*archive, record, forged), IdentityConflict);
  const auto keeper = upkeep();
  keeper->mark(keeper->files_after(0, 1).at(0), FileCondition::unreadable);  // the disk was away for a moment
  EXPECT_THROW(put(*archive, record, forged), IdentityConflict) << "the mark does not hold";
  EXPECT_EQ(archive->read(*archive->instance(uid("3.1.1.1"))), bytes_of("slice1.1"));
  EXPECT_THAT(kinds(), testing::UnorderedElementsAre(event_kind::damaged, event_kind::identity_conflict));
}

TEST_F(UpkeepTest, WhatAnEarlierVersionStoredUnderItsSha256IsKnownAgain) {
  const auto archive = open();
  const auto content = bytes_of("slice1.1"), other = bytes_of("other1.1");
  auto earlier = record_of(1, 1, 1, content);
  earlier.dataset_digest = sha256("slice1.1");
  put(*archive, earlier, content);
  EXPECT_EQ(put(*archive, record_of(1, 1, 1, content), content), StoreOutcome::already_there);
  EXPECT_TRUE(archive->holds(earlier.name, content));
  EXPECT_THROW(put(*archive, record_of(1, 1, 1, other), other), IdentityConflict);
  const auto keeper = upkeep();
  EXPECT_EQ(keeper->examine(keeper->files_after(0, 1).at(0), {}), FileCondition::whole);
  overwrite(archive->local_path(*archive->instance(uid("3.1.1.1"))), "X");
  EXPECT_EQ(keeper->examine(keeper->files_after(0, 1).at(0), {}), FileCondition::other_bytes);
  EXPECT_EQ(put(*archive, record_of(1, 1, 1, content), content), StoreOutcome::stored) << "healed";
  EXPECT_EQ(archive->read(*archive->instance(uid("3.1.1.1"))), content);
}

TEST_F(UpkeepTest, WhatIsSentAgainIsStoredAgainWhereItsFileIsNoLongerWhole) {
  const auto archive = open();
  for (int i = 1; i <= 3; ++i) put_one(*archive, 1, i);
  const auto path_of = [&](int i) {
    return archive->local_path(*archive->instance(uid("3.1.1." + std::to_string(i))));
  };
  fs::remove(path_of(1));
  overwrite(path_of(2), "X");
  for (int i = 1; i <= 3; ++i) put_one(*archive, 1, i);
  for (int i = 1; i <= 3; ++i) {
    const auto text = "slice1." + std::to_string(i);
    EXPECT_EQ(archive->read(*archive->instance(uid("3.1.1." + std::to_string(i)))), bytes_of(text));
  }
  EXPECT_EQ(archive->last_sequence(), 5) << "two are new, the third was whole";
  EXPECT_THAT(kinds(), ElementsAre(event_kind::healed, event_kind::healed));
  EXPECT_EQ(sound_files(), 3u);
}

}  // namespace
}  // namespace punctum::test
