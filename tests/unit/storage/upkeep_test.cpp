// Events, deletion, and what re-reading finds.

#include "storage/upkeep.hpp"
#include "storage/commitment_store.hpp"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "dicom/types/error.hpp"
#include "storage/index/database.hpp"
#include "storage/work_stores.hpp"
#include "tests/unit/storage/storage_fixture.hpp"

namespace punctum::test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class UpkeepTest : public testing::Test {
 protected:
  std::unique_ptr<Archive> open() const { return Archive::open(options_for(folder)); }
  fs::path data() const { return folder.path() / "data"; }
  std::unique_ptr<Upkeep> upkeep() const { return Upkeep::open(data(), /*read_only=*/false); }
  std::vector<Event> events() const { return open_work_stores(data(), true).events->list(100); }
  std::vector<std::string> kinds() const {
    std::vector<std::string> all;
    for (const auto& event : events()) all.push_back(event.kind);
    return all;
  }
  std::int64_t number(const std::string& sql) const {
    auto index = open_index(data(), sqlite::Access::read_only);
    auto row = index.use(sql);
    row->step();
    return row->integer(0);
  }
  static void put_study(Archive& archive, int study, int instances = 3) {
    for (int i = 1; i <= instances; ++i) put_one(archive, study, i);
  }
  static void put_one(Archive& archive, int study, int instance, const std::string& text = "slice") {
    const auto content = bytes_of(text + std::to_string(study) + "." + std::to_string(instance));
    put(archive, record_of(study, 1, instance, content), content);
  }
  /// Of those that the index names.
  std::size_t sound_files() const {
    const auto keeper = upkeep();
    const auto files = keeper->files_after(0, 100);
    return static_cast<std::size_t>(std::ranges::count_if(
        files, [&](const auto& file) { return keeper->examine(file, {}) == FileCondition::whole; }));
  }
  static void overwrite(const fs::path& file, std::string_view text) {
    fs::permissions(file, fs::perms::owner_write, fs::perm_options::add);
    std::ofstream(file, std::ios::in | std::ios::binary) << text;
    fs::permissions(file, fs::perms::owner_write, fs::perm_options::remove);
  }
  /// @return the file, as the index describes it.
  static StoredFile overwrite_only_file(Upkeep& looks) {
    auto file = looks.files_after(0, 1).at(0);
    overwrite(file.path, "X");
    return file;
  }
  static constexpr auto nobody = [](std::size_t) {};
  TempFolder folder;
};

// ---- events

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
  EXPECT_TRUE(archive->holds(stored.record.name, stored.record.dataset_digest));
  EXPECT_FALSE(archive->holds(stored.record.name, digest_of(bytes_of("other"))));
  overwrite(archive->local_path(stored), "X");
  EXPECT_FALSE(archive->holds(stored.record.name, stored.record.dataset_digest));
}

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
  EXPECT_EQ(looks->remove_discarded_files(), 1u);
  EXPECT_EQ(files_kept(data() / "blobs"), 1u);
  EXPECT_THAT(looks->index_faults(), IsEmpty());
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

// ---- deletion

TEST_F(UpkeepTest, ADeletedStudyIsGoneEverywhereAndItsRemovalIsOnRecord) {
  const auto archive = open();
  put_study(*archive, 1);
  put_study(*archive, 2);
  const auto deletion = upkeep()->delete_study(uid("1.1"), {"operator", {}, false, {}});
  EXPECT_EQ(deletion.outcome, Deletion::Outcome::deleted);
  EXPECT_EQ(deletion.instances, 3u);
  EXPECT_FALSE(archive->instance(uid("3.1.1.1")));
  EXPECT_TRUE(archive->series(uid("2.1.1")).empty());
  EXPECT_EQ(archive->changes_after(0, 10).size(), 3u);
  EXPECT_EQ(files_kept(data() / "blobs"), 3u);
  for (const auto* table : {"patient", "study", "series"}) {
    EXPECT_EQ(number("SELECT count(*) FROM " + std::string(table)), 1) << table;
  }
  const auto removals = upkeep()->removals_after(0, 10);
  ASSERT_THAT(removals, SizeIs(3));
  EXPECT_EQ(removals[0].reason, "operator");
  EXPECT_EQ(removals[0].sop_instance_uid, uid("3.1.1.1"));
  EXPECT_EQ(removals[0].sequence, 7) << "after six arrivals, in one sequence with them";
  EXPECT_THAT(kinds(), ElementsAre(event_kind::study_deleted));
  EXPECT_THAT(upkeep()->index_faults(), IsEmpty());
  EXPECT_EQ(upkeep()->delete_study(uid("1.1"), {}).outcome, Deletion::Outcome::unknown);
}

TEST_F(UpkeepTest, NumbersOfTheChangeFeedAreNeverGivenTwice) {
  const auto archive = open();
  put_study(*archive, 1, 2);
  upkeep()->delete_study(uid("1.1"), {"operator", {}, false, {}});
  put_study(*archive, 1, 2);  // sent again, it is new
  const auto changes = archive->changes_after(0, 10);
  ASSERT_THAT(changes, SizeIs(2));
  EXPECT_EQ(changes[0].sequence, 5);
  EXPECT_EQ(archive->last_sequence(), 6);
  EXPECT_EQ(Upkeep::open(data(), true)->removals_after(0, 10).back().sequence, 4);
}

TEST_F(UpkeepTest, AFollowerIsNotWokenForWhatIsGoneAgain) {
  using namespace std::chrono_literals;
  const auto archive = open();
  put_study(*archive, 1, 2);
  EXPECT_TRUE(archive->wait_for_change(1, 0ms));
  upkeep()->delete_study(uid("1.1"), {"operator", {}, false, {}});
  EXPECT_FALSE(archive->wait_for_change(0, 1ms)) << "or it would ask again and again";
  put_study(*archive, 2, 1);
  EXPECT_TRUE(archive->wait_for_change(0, 0ms));
}

TEST_F(UpkeepTest, WhatIsUndeliveredOrUnseenOrUnfinishedHoldsAStudy) {
  const auto archive = open();
  put_study(*archive, 1);
  auto stores = open_work_stores(data());
  const auto keeper = upkeep();
  const DeletionRule rule{"operator", {"jobs"}, false, {}};
  const auto held_because = [&] {
    const auto deletion = keeper->delete_study(uid("1.1"), rule);
    return deletion.outcome == Deletion::Outcome::held ? deletion.why_held : "";
  };
  EXPECT_THAT(held_because(), HasSubstr("\"jobs\" has not looked"));
  stores.followers->advance("jobs", archive->last_sequence());
  Job job{.gsps_uid = uid("3.1.1.2"),
          .series_uid = "",
          .tracking_uid = "",
          .message = "",
          .seg_uid = "",
          .sr_uid = "",
          .stage_ms = {}};
  job = *stores.jobs->add(job);
  EXPECT_THAT(held_because(), HasSubstr("1 jobs"));
  job.state = JobState::refused;
  stores.jobs->finish(job);
  stores.deliveries->add(uid("3.1.1.3"), "ARCHIVE");
  EXPECT_THAT(held_because(), HasSubstr("1 deliveries"));
  const auto delivery = stores.deliveries->claim("me", "ARCHIVE", 1, std::chrono::seconds(60)).at(0);
  EXPECT_THAT(held_because(), HasSubstr("1 deliveries"));
  stores.deliveries->failed(delivery.id, "no");
  EXPECT_THAT(held_because(), HasSubstr("1 deliveries")) << "given up is not delivered";
  EXPECT_EQ(archive->changes_after(0, 10).size(), 3u) << "held means nothing changed";

  auto anyway = rule;
  anyway.even_undelivered = true;
  EXPECT_EQ(keeper->delete_study(uid("1.1"), anyway).outcome, Deletion::Outcome::deleted);
  EXPECT_THAT(stores.deliveries->list(10), IsEmpty()) << "sent again, it is delivered again";
  EXPECT_THAT(stores.jobs->list(10), IsEmpty());
}

TEST_F(UpkeepTest, WhatItsReceiverDoesNotKeepHoldsAStudy) {
  const auto archive = open();
  put_study(*archive, 1);
  auto stores = open_work_stores(data());
  const auto commitments = open_commitment_store(data());
  const auto keeper = upkeep();
  stores.deliveries->add(uid("3.1.1.1"), "ARCHIVE");
  stores.deliveries->sent(stores.deliveries->claim("me", "ARCHIVE", 1, std::chrono::seconds(60)).at(0).id);
  const CommittedObject object{uid("7"), uid("3.1.1.1")};
  const auto is_held = [&] {
    const auto deletion = keeper->delete_study(uid("1.1"), {"age", {}, false, {}});
    return deletion.outcome == Deletion::Outcome::held &&
           deletion.why_held.find("has not confirmed that it keeps 1 objects") != std::string::npos;
  };
  commitments->wish(object, "ARCHIVE");
  EXPECT_TRUE(is_held());
  commitments->asked("ARCHIVE", {uid("9.1"), {object}}, std::chrono::seconds(60));
  auto refused = object;
  refused.failure_reason = commitment_failure::processing_failure;
  commitments->settle("ARCHIVE", {uid("9.1"), {refused}}, /*deliveries=*/0);
  EXPECT_TRUE(is_held()) << "the peer took it and then said that it does not keep it";
  commitments->wish(object, "ARCHIVE");
  commitments->asked("ARCHIVE", {uid("9.2"), {object}}, std::chrono::seconds(60));
  commitments->give_up_wishes(uid("9.2"), "the peer refuses the service");
  EXPECT_TRUE(is_held()) << "nobody knows";
  commitments->wish(object, "ARCHIVE");
  commitments->asked("ARCHIVE", {uid("9.3"), {object}}, std::chrono::seconds(60));
  commitments->settle("ARCHIVE", {uid("9.3"), {object}}, 0);
  EXPECT_EQ(keeper->delete_study(uid("1.1"), {"age", {}, false, {}}).outcome, Deletion::Outcome::deleted);
}

TEST_F(UpkeepTest, AStudyThatGrewMeanwhileIsNotOld) {
  std::int64_t now = 1'000;
  LocalArchive archive(options_for(folder), {{}, {}, [&] { return now; }});
  put_study(archive, 1);
  now = 2'000;
  put_study(archive, 2);
  put_one(archive, 1, 9);
  put_study(archive, 3);
  const auto keeper = upkeep();
  EXPECT_THAT(keeper->studies_quiet_since(1'500, 0, 10), IsEmpty());
  EXPECT_THAT(keeper->studies_quiet_since(2'000, 0, 10), SizeIs(3));
  const auto first = keeper->studies_quiet_since(2'000, 0, 1);
  ASSERT_THAT(first, SizeIs(1));
  EXPECT_THAT(keeper->studies_quiet_since(2'000, first[0].number, 10), SizeIs(2)) << "page by page";
  const auto deletion = keeper->delete_study(uid("1.1"), {"age", {}, false, 1'500});
  EXPECT_EQ(deletion.outcome, Deletion::Outcome::held);
}

TEST_F(UpkeepTest, AStudyThatWasSentAgainIsNotOld) {
  constexpr std::int64_t day = 24LL * 3600 * 1000;
  std::int64_t now = 100 * day;
  LocalArchive archive(options_for(folder), {{}, {}, [&] { return now; }});
  put_study(archive, 1);
  put_study(archive, 2);
  now += 400 * day;
  const auto commits = archive.commits();
  put_study(archive, 1);
  EXPECT_EQ(archive.commits(), commits + 1) << "one for the study, not one for each instance";
  const auto keeper = upkeep();
  const auto old = keeper->studies_quiet_since(now - day, 0, 10);
  ASSERT_THAT(old, SizeIs(1));
  EXPECT_EQ(old[0].study_instance_uid, uid("1.2"));
  EXPECT_EQ(keeper->delete_study(uid("1.1"), {"age", {}, false, now - day}).outcome, Deletion::Outcome::held);
  EXPECT_EQ(archive.series(uid("2.1.1")).size(), 3u);
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

TEST_F(UpkeepTest, KilledWhileDeletingAStudyIsThereWholeOrGoneWhole) {
  for (int round = 0; round < 12; ++round) {
    {
      const auto archive = open();
      for (int i = 1; i <= 40; ++i) put_one(*archive, 1, i);
    }
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const auto keeper = Upkeep::open(data(), false);
      if (::write(ready[1], "x", 1) != 1) ::_exit(1);
      keeper->delete_study(uid("1.1"), {"operator", {}, false, {}});
      ::_exit(0);
    }
    char x = 0;
    ASSERT_EQ(::read(ready[0], &x, 1), 1);
    ::usleep(static_cast<useconds_t>(round) * 700);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(ready[0]);
    ::close(ready[1]);

    const auto archive = open();
    const auto rows = archive->series(uid("2.1.1"));
    EXPECT_TRUE(rows.empty() || rows.size() == 40u) << rows.size();
    EXPECT_EQ(archive->reconciled().rows_without_file, 0u);
    EXPECT_EQ(archive->reconciled().orphans_quarantined, 0u);
    EXPECT_EQ(files_kept(data() / "blobs"), rows.size());
    EXPECT_THAT(upkeep()->index_faults(), IsEmpty());
  }
}

}  // namespace
}  // namespace punctum::test
