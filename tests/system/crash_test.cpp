// kill -9 at random moments while the node stores, answers, sends, deletes and works on jobs: what was acknowledged is
// there afterwards, byte for byte, nothing is there in part, and jobs go on. The long run (CTest label slow) kills ten
// times as often.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <random>
#include <thread>

#include "tests/support/dcmtk_environment.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/system/torture.hpp"

namespace punctum::test {
namespace {

TEST(Crash, AcknowledgedInstancesSurviveKillsOfABusyNodeAndWaitingJobsFinish) {
  const int kills = short_or_long(20, 200);
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const TempDir folder;
  Ledger ledger;
  NodeProcess node(folder.path(), {{"inference", {{"settle_s", 0.5}}}});
  node.start();
  Clicks clicks(node);
  ASSERT_TRUE(clicks.send_images());

  std::chrono::duration<double> slowest_start{};
  std::string victim;  // of an earlier round, to be deleted in this one
  for (int round = 0; round < kills; ++round) {
    if (round % 10 == 0) clicks.click();
    const auto acknowledged = std::uniform_int_distribution<std::size_t>(0, 60)(random);
    const auto moment = std::chrono::microseconds(std::uniform_int_distribution(0, 20'000)(random));
    std::vector<std::string> studies;
    {
      const MixedLoad load(node, ledger, round);
      studies = load.studies();
      std::jthread deletion([&, seconds = std::uniform_real_distribution(0.3, 8.0)(random)] {
        if (!victim.empty()) remove_study(node, ledger, victim, seconds);
      });
      load.wait_for_acknowledged(acknowledged);
      std::this_thread::sleep_for(moment);
      node.kill();
    }
    const auto begin = std::chrono::steady_clock::now();
    node.start();
    slowest_start = std::max(slowest_start, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin));
    if (!victim.empty()) studies.push_back(victim);
    for (const auto& study : studies) {
      if (!ledger.knows(study)) continue;
      ASSERT_THAT(ledger.lies_about(node, study), testing::IsEmpty())
          << "kill " << round << " after " << acknowledged << " acknowledged and " << moment.count() << " us\n"
          << node.log();
    }
    victim =
        ledger.knows(studies[static_cast<std::size_t>(round % 9)]) ? studies[static_cast<std::size_t>(round % 9)] : "";
  }
  for (const auto& study : ledger.studies()) ASSERT_THAT(ledger.lies_about(node, study), testing::IsEmpty());

  EXPECT_GT(ledger.acknowledged(), 100u) << "the kills came too early to prove anything";
  ASSERT_GT(clicks.acknowledged(), 0u);
  EXPECT_GT(ledger.confirmed_deletions(), 0u);
  const auto clicked = clicks.acknowledged();
  clicks.click();
  ASSERT_EQ(clicks.acknowledged(), clicked + 1);
  EXPECT_EQ(node.finished_job(clicks.acknowledged(), std::chrono::seconds(240)).at("state"), "delivered") << node.log();
  EXPECT_THAT(clicks.unanswered(), testing::IsEmpty());
  RecordProperty("acknowledged", static_cast<int>(ledger.acknowledged()));
  RecordProperty("slowest_start_ms", static_cast<int>(slowest_start.count() * 1000));
  std::cout << kills << " kills, " << ledger.acknowledged() << " acknowledged instances, "
            << ledger.confirmed_deletions() << " confirmed deletions, slowest restart " << slowest_start.count()
            << " s\n";
}

}  // namespace
}  // namespace punctum::test
