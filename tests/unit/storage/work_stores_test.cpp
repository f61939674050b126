#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "dicom/types/error.hpp"
#include "storage/work_stores.hpp"
#include "tests/unit/storage/storage_fixture.hpp"

namespace punctum::test {
namespace {

using namespace std::chrono_literals;

class WorkStoresTest : public testing::Test {
 protected:
  WorkStoresTest() : stores(open()) {}
  WorkStores open() {
    return open_work_stores(folder.path(), false, [this] { return now.load(); });
  }
  Job click(const std::string& gsps, const std::string& series = "1.2.3.9", const std::string& lesion = "1.2.3.7") {
    return {0, uid(gsps), series, lesion, JobState::waiting, 0, 0, {}, {}, {}, {}, 0, 0};
  }

  TempFolder folder;
  std::atomic<std::int64_t> now = 1'000'000;
  WorkStores stores;
};

using JobStoreTest = WorkStoresTest;
using DeliveryStoreTest = WorkStoresTest;
using FollowerStoreTest = WorkStoresTest;

// ---- jobs

TEST_F(JobStoreTest, TheSameClickTwiceMakesOneJob) {
  const auto first = stores.jobs->add(click("1"));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->state, JobState::waiting);
  EXPECT_EQ(first->created_utc_ms, 1'000'000);
  EXPECT_FALSE(stores.jobs->add(click("1")));
  EXPECT_TRUE(stores.jobs->add(click("1", "1.2.3.9", "1.2.3.8"))) << "another lesion of the same presentation state";
  EXPECT_EQ(stores.jobs->list(10).size(), 2u);
}

TEST_F(JobStoreTest, ARefusedJobIsKeptWithItsSentenceAndNeverGivenOut) {
  auto refused = click("1", "", "");
  refused.state = JobState::refused;
  refused.message = "The presentation state has no point.";
  const auto added = stores.jobs->add(refused);
  EXPECT_EQ(stores.jobs->list(1).at(0).message, refused.message);
  EXPECT_FALSE(stores.jobs->claim("a", 1s));
}

TEST_F(JobStoreTest, TheOldestIsGivenOutFirstAndOnlyOnce) {
  const auto first = stores.jobs->add(click("1", "1.2.3.9", "1.2.3.71"));
  const auto second = stores.jobs->add(click("2", "1.2.3.9", "1.2.3.72"));
  const auto claimed = stores.jobs->claim("a", 10s);
  ASSERT_TRUE(claimed);
  EXPECT_EQ(claimed->id, first->id);
  EXPECT_EQ(claimed->state, JobState::running);
  EXPECT_EQ(claimed->attempts, 1);
  EXPECT_EQ(stores.jobs->claim("b", 10s)->id, second->id);
  EXPECT_FALSE(stores.jobs->claim("c", 10s));
}

TEST_F(JobStoreTest, ALeaseThatRanOutIsGivenToTheNextWhoAsks) {
  const auto job = stores.jobs->add(click("1"));
  stores.jobs->claim("crashed", 10s);
  now += 9'999;
  EXPECT_FALSE(stores.jobs->claim("b", 10s));
  now += 1;
  const auto again = stores.jobs->claim("b", 10s);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->id, job->id);
  EXPECT_EQ(again->attempts, 2);
}

TEST_F(JobStoreTest, AJobToBeTriedAgainWaitsAndTheAttemptCounts) {
  const auto job = stores.jobs->add(click("1"));
  stores.jobs->claim("a", 10s);
  stores.jobs->retry(job->id, "the disk was full", 5s);
  const auto waiting = stores.jobs->list(1).at(0);
  EXPECT_EQ(waiting.state, JobState::waiting);
  EXPECT_EQ(waiting.message, "the disk was full");
  EXPECT_EQ(waiting.attempts, 1);
  EXPECT_FALSE(stores.jobs->claim("a", 10s));
  now += 5'000;
  EXPECT_EQ(stores.jobs->claim("a", 10s)->attempts, 2);
}

TEST_F(JobStoreTest, JobsOfOneLesionRunOneAfterTheOther) {
  const auto first = stores.jobs->add(click("1"));
  stores.jobs->add(click("2"));
  const auto elsewhere = stores.jobs->add(click("3", "1.2.3.9", "1.2.3.70"));
  auto running = *stores.jobs->claim("a", 10s);
  EXPECT_EQ(running.id, first->id);
  EXPECT_EQ(stores.jobs->claim("b", 10s)->id, elsewhere->id);
  EXPECT_FALSE(stores.jobs->claim("c", 10s));
  running.state = JobState::delivered;
  stores.jobs->finish(running);
  EXPECT_EQ(stores.jobs->claim("c", 10s)->gsps_uid, uid("2"));
}

TEST_F(JobStoreTest, APostponedJobComesBackAfterItsDelayAndBeforeItsLesionsNext) {
  const auto first = stores.jobs->add(click("1"));
  stores.jobs->add(click("2"));
  stores.jobs->claim("a", 10s);
  stores.jobs->postpone(first->id, "12 of 30 slices are here", 500ms);
  const auto waiting = stores.jobs->list(2).at(1);
  EXPECT_EQ(waiting.id, first->id);
  EXPECT_EQ(waiting.state, JobState::waiting);
  EXPECT_EQ(waiting.message, "12 of 30 slices are here");
  EXPECT_EQ(waiting.attempts, 0);
  EXPECT_FALSE(stores.jobs->claim("a", 10s));
  now += 500;
  EXPECT_EQ(stores.jobs->claim("a", 10s)->id, first->id);
}

TEST_F(JobStoreTest, AFinishedJobKeepsItsResultsAndIsNotFinishedTwice) {
  stores.jobs->add(click("1"));
  auto job = *stores.jobs->claim("a", 10s);
  job.state = JobState::delivered;
  job.round = 1;
  job.seg_uid = "1.2.3.5";
  job.sr_uid = "1.2.3.6";
  job.stage_ms = {{"assemble", 310.5}, {"infer", 95.25}};
  now += 400;
  stores.jobs->finish(job);
  auto late = job;
  late.state = JobState::failed;
  stores.jobs->finish(late);
  stores.jobs->postpone(job.id, "late", 0ms);

  const auto found = stores.jobs->list(1).at(0);
  EXPECT_EQ(found.state, JobState::delivered);
  EXPECT_EQ(found.seg_uid, "1.2.3.5");
  EXPECT_EQ(found.sr_uid, "1.2.3.6");
  EXPECT_EQ(found.stage_ms, job.stage_ms);
  EXPECT_EQ(found.updated_utc_ms, 1'000'400);
  EXPECT_FALSE(stores.jobs->claim("a", 10s));
}

TEST_F(JobStoreTest, RoundsAreTheDeliveredJobsOfTheLesionOldestFirst) {
  for (int round = 1; round <= 3; ++round) {
    stores.jobs->add(click(std::to_string(round)));
    auto job = *stores.jobs->claim("a", 10s);
    job.state = round == 2 ? JobState::failed : JobState::delivered;
    job.round = round;
    stores.jobs->finish(job);
  }
  const auto rounds = stores.jobs->rounds("1.2.3.9", "1.2.3.7");
  ASSERT_EQ(rounds.size(), 2u);
  EXPECT_EQ(rounds[0].round, 1);
  EXPECT_EQ(rounds[1].round, 3);
  EXPECT_TRUE(stores.jobs->rounds("1.2.3.9", "1.2.3.8").empty());
}

TEST_F(JobStoreTest, JobsSurviveARestartAndTheirListIsNewestFirst) {
  stores.jobs->add(click("1"));
  stores.jobs->add(click("2"));
  stores.jobs->claim("a", 10s);
  stores = {};
  stores = open();
  const auto jobs = stores.jobs->list(10);
  ASSERT_EQ(jobs.size(), 2u);
  EXPECT_EQ(jobs[0].gsps_uid, uid("2"));
  EXPECT_EQ(jobs[1].state, JobState::running);
  EXPECT_EQ(stores.jobs->list(1).size(), 1u);
}

TEST_F(JobStoreTest, ManyClaimersNeverGetTheSameJob) {
  constexpr int jobs = 60;
  for (int i = 0; i < jobs; ++i) stores.jobs->add(click(std::to_string(i), "1.2.3.9", "1.2.3." + std::to_string(i)));
  std::mutex mutex;
  std::multiset<std::int64_t> given;
  {
    std::vector<std::jthread> claimers;
    for (int i = 0; i < 4; ++i) {
      claimers.emplace_back([&, i] {
        auto own = open();  // as another process would have it
        while (const auto job = own.jobs->claim("claimer " + std::to_string(i), 1h)) {
          const std::lock_guard lock(mutex);
          given.insert(job->id);
        }
      });
    }
  }
  EXPECT_EQ(given.size(), static_cast<std::size_t>(jobs));
  EXPECT_EQ(std::set(given.begin(), given.end()).size(), static_cast<std::size_t>(jobs));
}

TEST_F(JobStoreTest, AReaderBesideARunningNodeSeesItsJobsAndMayNotWrite) {
  stores.jobs->add(click("1"));
  const auto reader = open_work_stores(folder.path(), true);
  EXPECT_EQ(reader.jobs->list(10).size(), 1u);
  EXPECT_THROW(reader.jobs->add(click("2")), StorageError);
}

TEST_F(JobStoreTest, AReaderSeesTheJobsOfAStoppedNode) {
  stores.jobs->add(click("1"));
  stores = {};
  EXPECT_EQ(open_work_stores(folder.path(), true).jobs->list(10).size(), 1u);
}

TEST_F(JobStoreTest, AReaderOfAFolderWithoutIndexIsToldSo) {
  EXPECT_THROW(open_work_stores(folder.path() / "nothing", true), StorageError);
}

TEST_F(JobStoreTest, JobsAndIngestShareTheIndexWithoutFailing) {
  stores = {};
  const auto archive = Archive::open(options_for(folder));
  const auto work = open_work_stores(folder.path() / "data");
  constexpr int number = 50;
  {
    std::jthread ingest([&] {
      for (int i = 0; i < number; ++i) put(*archive, record_of(1, 1, i, bytes_of("x")), bytes_of("x"));
    });
    std::jthread clicks([&] {
      for (int i = 0; i < number; ++i) work.jobs->add(click(std::to_string(i)));
    });
    std::jthread follower([&] {
      for (int i = 0; i < number; ++i) work.followers->advance("jobs", i);
    });
  }
  EXPECT_EQ(archive->last_sequence(), number);
  EXPECT_EQ(work.jobs->list(1000).size(), static_cast<std::size_t>(number));
}

// ---- deliveries

TEST_F(DeliveryStoreTest, AnObjectGoesToAPeerOnce) {
  stores.deliveries->add(uid("1"), "ARCHIVE");
  stores.deliveries->add(uid("1"), "ARCHIVE");
  stores.deliveries->add(uid("1"), "VIEWER");
  EXPECT_EQ(stores.deliveries->list(10).size(), 2u);
  const auto claimed = stores.deliveries->claim("a", "ARCHIVE", 10, 10s);
  ASSERT_EQ(claimed.size(), 1u);
  EXPECT_EQ(claimed[0].sop_instance_uid, uid("1"));
  EXPECT_EQ(claimed[0].state, DeliveryState::sending);
  EXPECT_EQ(claimed[0].attempts, 1);
  EXPECT_TRUE(stores.deliveries->claim("b", "ARCHIVE", 10, 10s).empty());
  stores.deliveries->sent(claimed[0].id);
  stores.deliveries->add(uid("1"), "ARCHIVE");
  now += 100'000;
  EXPECT_TRUE(stores.deliveries->claim("a", "ARCHIVE", 10, 10s).empty()) << "sent is sent";
}

TEST_F(DeliveryStoreTest, TheOldestComeFirstUpToTheLimit) {
  for (int i = 1; i <= 3; ++i) stores.deliveries->add(uid(std::to_string(i)), "ARCHIVE");
  const auto claimed = stores.deliveries->claim("a", "ARCHIVE", 2, 10s);
  ASSERT_EQ(claimed.size(), 2u);
  EXPECT_EQ(claimed[0].sop_instance_uid, uid("1"));
  EXPECT_EQ(claimed[1].sop_instance_uid, uid("2"));
}

TEST_F(DeliveryStoreTest, ATransientFailureIsTriedAgainAfterItsDelay) {
  stores.deliveries->add(uid("1"), "ARCHIVE");
  const auto id = stores.deliveries->claim("a", "ARCHIVE", 1, 10s).at(0).id;
  stores.deliveries->retry(id, "A700 out of resources", 30s);
  EXPECT_EQ(stores.deliveries->list(1).at(0).message, "A700 out of resources");
  now += 29'999;
  EXPECT_TRUE(stores.deliveries->claim("a", "ARCHIVE", 1, 10s).empty());
  now += 1;
  EXPECT_EQ(stores.deliveries->claim("a", "ARCHIVE", 1, 10s).at(0).attempts, 2);
}

TEST_F(DeliveryStoreTest, APermanentFailureIsKeptAndNotTriedAgain) {
  stores.deliveries->add(uid("1"), "ARCHIVE");
  const auto id = stores.deliveries->claim("a", "ARCHIVE", 1, 10s).at(0).id;
  stores.deliveries->failed(id, "0122 SOP class not supported");
  stores.deliveries->retry(id, "too late", 0ms);
  now += 1'000'000;
  EXPECT_TRUE(stores.deliveries->claim("a", "ARCHIVE", 1, 10s).empty());
  EXPECT_EQ(stores.deliveries->list(1).at(0).state, DeliveryState::failed);
}

TEST_F(DeliveryStoreTest, ASenderThatDiedLosesItsLease) {
  stores.deliveries->add(uid("1"), "ARCHIVE");
  stores.deliveries->claim("crashed", "ARCHIVE", 1, 10s);
  stores = {};
  stores = open();
  EXPECT_TRUE(stores.deliveries->claim("b", "ARCHIVE", 1, 10s).empty());
  now += 10'000;
  EXPECT_EQ(stores.deliveries->claim("b", "ARCHIVE", 1, 10s).size(), 1u);
}

// ---- followers

TEST_F(FollowerStoreTest, APositionStartsAtZeroOnlyGrowsAndSurvives) {
  EXPECT_EQ(stores.followers->position("jobs"), 0);
  stores.followers->advance("jobs", 7);
  stores.followers->advance("delivery", 3);
  stores.followers->advance("jobs", 5);
  stores = {};
  stores = open();
  EXPECT_EQ(stores.followers->position("jobs"), 7);
  EXPECT_EQ(stores.followers->position("delivery"), 3);
}

}  // namespace
}  // namespace punctum::test
