// The power goes off under a busy node: whatever was not synced is lost (tests/support/unsynced_shim.cpp), whatever was
// acknowledged is not. That the model really loses data is proved by runs in which the syncs are without effect.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <iostream>
#include <random>

#include "tests/support/dcmtk_environment.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/unsynced_folder.hpp"
#include "tests/system/torture.hpp"

namespace punctum::test {
namespace {

class PowerCut : public testing::Test {
 protected:
  UnsyncedFolder disk() const { return {folder_ / "data", folder_ / "synced"}; }

  /// One life: load, then darkness when that many instances were acknowledged. Then the machine starts again.
  /// @return what the next life lies about.
  std::vector<std::string> live_and_die(std::size_t acknowledged, const std::string& forget, int luck) {
    node_.set_environment(disk().environment(forget, luck));
    node_.start();
    std::vector<std::string> studies;
    {
      const MixedLoad load(node_, ledger_, round_++);
      studies = load.studies();
      load.wait_for_acknowledged(acknowledged);
      node_.kill();
    }
    const auto loss = disk().cut_power();
    lost_names_ += loss.names;
    lost_bytes_ += loss.bytes;
    std::ofstream(folder_ / "data" / "lock") << "another start of the machine";
    node_.set_environment(disk().environment());
    node_.start();
    std::vector<std::string> lies;
    for (const auto& study : studies) {
      if (!ledger_.knows(study)) continue;
      for (auto& lie : ledger_.lies_about(node_, study)) lies.push_back(std::move(lie));
    }
    node_.stop();
    return lies;
  }

  TempDir folder_;
  Ledger ledger_;
  NodeProcess node_{folder_.path()};
  int round_ = 0;
  std::size_t lost_names_ = 0, lost_bytes_ = 0;
};

TEST_F(PowerCut, NothingThatWasAcknowledgedIsLost) {
  const int cuts = short_or_long(6, 100);
  const auto seed = std::random_device()();
  std::mt19937 random(seed);
  for (int i = 0; i < cuts; ++i) {
    const auto acknowledged = std::uniform_int_distribution<std::size_t>(0, 80)(random);
    const int luck = std::array{0, 0, 30, 70}.at(random() % 4);
    ASSERT_THAT(live_and_die(acknowledged, "", luck), testing::IsEmpty())
        << "cut " << i << " after " << acknowledged << " acknowledged, luck " << luck << ", seed " << seed << "\n"
        << node_.log();
  }
  EXPECT_GT(ledger_.acknowledged(), 50u) << "the cuts came too early to prove anything";
  std::cout << cuts << " power cuts, " << ledger_.acknowledged() << " acknowledged instances; lost: " << lost_names_
            << " unsynced names, " << lost_bytes_ << " unsynced bytes\n";
}

/// The counter-proof: a life long enough to acknowledge something, on a disk whose syncs do nothing.
TEST_F(PowerCut, IsNoticedWhenSyncsOfFilesAreTakenOut) {
  EXPECT_THAT(live_and_die(30, "files", 0), testing::Not(testing::IsEmpty()))
      << ledger_.acknowledged() << " were acknowledged";
}

TEST_F(PowerCut, IsNoticedWhenOnlySyncsOfStoredObjectsAreTakenOut) {
  EXPECT_THAT(live_and_die(30, "blobs", 0), testing::Not(testing::IsEmpty()))
      << ledger_.acknowledged() << " were acknowledged";
}

TEST_F(PowerCut, IsNoticedWhenSyncsOfFoldersAreTakenOut) {
  EXPECT_THAT(live_and_die(30, "folders", 0), testing::Not(testing::IsEmpty()))
      << ledger_.acknowledged() << " were acknowledged";
}

}  // namespace
}  // namespace punctum::test
