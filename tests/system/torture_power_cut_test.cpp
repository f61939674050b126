// The power goes off under a busy node: whatever was not synced is lost (tests/support/unsynced_shim.cpp), whatever was
// acknowledged is not: neither instances, nor deletions, nor the answers to clicks. That the model really loses data is
// proved by runs in which the syncs are without effect.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <iostream>
#include <random>
#include <utility>

#include "tests/support/dcmtk_environment.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/unsynced_folder.hpp"
#include "tests/system/torture.hpp"

namespace punctum::test {
namespace {

class PowerCut : public testing::Test {
 protected:
  UnsyncedFolder disk() const { return {folder_ / "data", folder_ / "synced"}; }

  /// What the next life of the node may be asked for beside instances.
  struct Work {
    Clicks* clicks = nullptr;     ///< one is made before the load
    std::string study_to_delete;  ///< once the power was cut, with another cut on the way
    double deletion_seconds = 0;  ///< until that cut, if the deletion has not ended by then
  };

  /// One life: load, then darkness when that many instances were acknowledged. Then the machine starts again.
  /// @return what the next life lies about.
  std::vector<std::string> live_and_die(std::size_t acknowledged, const std::string& forget, int luck,
                                        const Work& work) {
    node_.set_environment(disk().environment(forget, luck));
    node_.start();
    if (work.clicks != nullptr) work.clicks->click();
    {
      const MixedLoad load(node_, ledger_, round_++);
      studies_ = load.studies();
      load.wait_for_acknowledged(acknowledged);
      node_.kill();
    }
    cut_power();
    auto studies = studies_;
    if (!work.study_to_delete.empty()) {  // by the only program there: the model knows one at a time
      remove_study(node_, ledger_, work.study_to_delete, work.deletion_seconds, disk().environment("", luck));
      cut_power();
      studies.push_back(work.study_to_delete);
    }
    node_.set_environment(disk().environment());
    node_.start();
    auto lies = lies_about(studies);
    if (node_.stop() != 0) lies.emplace_back("the node did not stop in order");
    return lies;
  }

  void cut_power() {
    const auto loss = disk().cut_power();
    lost_names_ += loss.names;
    lost_bytes_ += loss.bytes;
    std::ofstream(folder_ / "data" / "lock") << "another start of the machine";
  }

  std::vector<std::string> lies_about(const std::vector<std::string>& studies) const {
    std::vector<std::string> lies;
    for (const auto& study : studies) {
      if (!ledger_.knows(study)) continue;
      for (auto& lie : ledger_.lies_about(node_, study)) lies.push_back(std::move(lie));
    }
    return lies;
  }

  /// A study of the last life, to be deleted after the next: one of nine, of which some were sent. Empty: not that one.
  std::string a_victim(std::size_t which) const {
    const auto& study = studies_.at(which % studies_.size());
    return ledger_.knows(study) ? study : "";
  }

  TempDir folder_;
  Ledger ledger_;
  NodeProcess node_{folder_.path(), {{"inference", {{"settle_s", 0.5}}}}};
  std::vector<std::string> studies_;  ///< of the last life
  int round_ = 0;
  std::size_t lost_names_ = 0, lost_bytes_ = 0;
};

TEST_F(PowerCut, NothingThatWasAcknowledgedIsLost) {
  const int cuts = short_or_long(20, 200);
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  node_.set_environment(disk().environment());
  node_.start();
  Clicks clicks(node_);
  ASSERT_TRUE(clicks.send_images());
  node_.stop();
  std::string victim;
  for (int i = 0; i < cuts; ++i) {
    const auto acknowledged = std::uniform_int_distribution<std::size_t>(0, 80)(random);
    const int luck = std::array{0, 0, 30, 70}.at(random() % 4);
    const Work work{i % 10 == 0 ? &clicks : nullptr, std::exchange(victim, {}),
                    i + 1 < cuts ? std::uniform_real_distribution(0.05, 1.0)(random) : 60};
    ASSERT_THAT(live_and_die(acknowledged, "", luck, work), testing::IsEmpty())
        << "cut " << i << " after " << acknowledged << " acknowledged, luck " << luck << "\n"
        << node_.log();
    for (int tries = 0; tries < 9 && victim.empty(); ++tries) victim = a_victim(random());
  }
  node_.start();
  EXPECT_THAT(lies_about(ledger_.studies()), testing::IsEmpty());
  EXPECT_GT(ledger_.acknowledged(), 50u) << "the cuts came too early to prove anything";
  EXPECT_GT(ledger_.confirmed_deletions(), 0u);
  EXPECT_THAT(clicks.unanswered(), testing::IsEmpty());
  const auto clicked = clicks.acknowledged();
  clicks.click();
  ASSERT_EQ(clicks.acknowledged(), clicked + 1);
  EXPECT_EQ(node_.finished_job(clicks.acknowledged()).at("state"), "delivered");
  const auto jobs = node_.jobs();
  for (const auto& job : jobs.at("jobs")) {
    if (job.at("state") != "delivered") continue;
    for (const auto* result : {"seg_uid", "sr_uid"}) {
      EXPECT_NO_THROW(fetch_instance(node_.port(), clicks.phantom().study(), job.at(result)));
    }
  }
  std::cout << cuts << " power cuts, " << ledger_.acknowledged() << " acknowledged instances, "
            << ledger_.confirmed_deletions() << " confirmed deletions, " << clicks.acknowledged()
            << " clicks; lost: " << lost_names_ << " unsynced names, " << lost_bytes_ << " unsynced bytes\n";
}

/// The counter-proof: a life long enough to acknowledge something, on a disk whose syncs do nothing.
TEST_F(PowerCut, IsNoticedWhenSyncsOfFilesAreTakenOut) {
  EXPECT_THAT(live_and_die(30, "files", 0, {}), testing::Not(testing::IsEmpty()))
      << ledger_.acknowledged() << " were acknowledged";
}

TEST_F(PowerCut, IsNoticedWhenOnlySyncsOfStoredObjectsAreTakenOut) {
  EXPECT_THAT(live_and_die(30, "blobs", 0, {}), testing::Not(testing::IsEmpty()))
      << ledger_.acknowledged() << " were acknowledged";
}

TEST_F(PowerCut, IsNoticedWhenSyncsOfFoldersAreTakenOut) {
  EXPECT_THAT(live_and_die(30, "folders", 0, {}), testing::Not(testing::IsEmpty()))
      << ledger_.acknowledged() << " were acknowledged";
}

}  // namespace
}  // namespace punctum::test
