// Studies that are taken out, and what holds them.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dicom/types/error.hpp"
#include "storage/commitment_store.hpp"
#include "tests/unit/storage/upkeep_fixture.hpp"

namespace punctum::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

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

TEST_F(UpkeepTest, AFileThatCannotBeRemovedIsNotForgotten) {
  const auto archive = open();
  put_study(*archive, 1, 1);
  const auto keeper = upkeep();
  const auto file = keeper->files_after(0, 1).at(0);
  fs::remove(file.path);
  fs::create_directories(file.path / "in the way");
  EXPECT_EQ(keeper->delete_study(uid("1.1"), {"operator", {}, true, {}}).outcome, Deletion::Outcome::deleted);
  keeper->remove_discarded_files();
  EXPECT_EQ(number("SELECT count(*) FROM discarded_blob"), 1);
  fs::remove_all(file.path);  // as if it were gone: also then its name is forgotten only after the folder is durable
  keeper->remove_discarded_files();
  EXPECT_EQ(number("SELECT count(*) FROM discarded_blob"), 0);
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
