// Many peers at once, many one after the other, and peers that say nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <iostream>
#include <memory>
#include <thread>

#include "dicom/net/store_scu.hpp"
#include "tests/support/dcmtk_environment.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/system/torture.hpp"
#include "tests/unit/net/raw_peer.hpp"

namespace punctum::test {
namespace {

using Clock = std::chrono::steady_clock;

std::string study_of(const std::vector<TestSlice>& slices) { return slices.at(0).name().study_instance_uid.str(); }

TEST(ManyPeers, TwentySendersOfTheSameStudyAreAllServedAndItIsStoredOnce) {
  const TempDir folder;
  NodeProcess node(folder.path());
  node.start();
  const auto slices = small_study("the same", 50);
  Ledger ledger;
  std::atomic<std::size_t> acknowledged = 0;
  {
    std::vector<std::jthread> senders;
    for (int i = 0; i < 20; ++i) {
      senders.emplace_back([&] { acknowledged += ledger.send(node.address(), slices); });
    }
  }
  EXPECT_EQ(acknowledged, 20 * slices.size());
  EXPECT_THAT(ledger.lies_about(node, study_of(slices)), testing::IsEmpty());
}

TEST(ManyPeers, SixtyFourSendersLeaveMemoryBoundedAndSmallOnesTheirTurn) {
  const auto duration = short_or_long(std::chrono::seconds(8), std::chrono::seconds(600));
  constexpr int large_senders = 60, small_senders = 4;
  const TempDir folder;
  NodeProcess node(folder.path(), {{"dicom", {{"max_associations", 80}}}});  // room for those that just hang up
  node.start();
  std::vector<std::vector<TestSlice>> studies;
  for (int i = 0; i < large_senders + small_senders; ++i) {
    studies.push_back(small_study("many " + std::to_string(i), i < large_senders ? 20 : 1));
  }
  Ledger ledger;
  std::atomic<std::size_t> messages = 0, refused = 0;
  std::atomic<std::int64_t> slowest_small_ms = 0;
  std::size_t memory_at_half = 0;
  const auto begin = Clock::now();
  {
    std::vector<std::jthread> senders;
    for (const auto& study : studies) {
      senders.emplace_back([&] {
        while (Clock::now() < begin + duration) {
          const auto start = Clock::now();
          const auto sent = ledger.send(node.address(), study);
          messages += sent;
          if (sent != study.size()) ++refused;
          if (study.size() > 1) continue;
          const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count();
          slowest_small_ms = std::max<std::int64_t>(slowest_small_ms, took);
        }
      });
    }
    std::this_thread::sleep_for(duration / 2);
    memory_at_half = resident_bytes(node.process());
  }
  const auto memory = resident_bytes(node.process());
  EXPECT_EQ(refused, 0u);
  EXPECT_LE(memory, memory_at_half + (std::size_t{64} << 20));
  EXPECT_LE(memory, std::size_t{900} << 20);
  EXPECT_LE(slowest_small_ms, 10'000) << "a sender of one image waited behind the large ones";
  for (std::size_t i = 0; i < studies.size(); i += short_or_long(16, 1)) {
    EXPECT_THAT(ledger.lies_about(node, study_of(studies[i])), testing::IsEmpty());
  }
  std::cout << messages << " messages of 64 senders, " << (memory >> 20) << " MiB, slowest single image "
            << slowest_small_ms << " ms\n";
}

TEST(ManyPeers, AssociationsOneAfterTheOtherLeaveNothingBehind) {
  const int associations = short_or_long(500, 20'000);
  const TempDir folder;
  NodeProcess node(folder.path());
  node.start();
  const auto one = [&](int i) {
    if (i % 2 == 0) return verify(node.address(), {});
    RawPeer broken(node.address().port);  // in the middle of a message
    ASSERT_TRUE(broken.associate());
    broken.send(p_data(3, /*is_command=*/true, /*is_last=*/false, Bytes(20)));
  };
  for (int i = 0; i < 100; ++i) one(i);
  const auto memory = resident_bytes(node.process());
  const auto descriptors = open_descriptors(node.process());
  for (int i = 0; i < associations; ++i) one(i);
  EXPECT_LE(resident_bytes(node.process()), memory + (std::size_t{8} << 20));
  EXPECT_LE(open_descriptors(node.process()), descriptors + 8);
}

TEST(ManyPeers, SilentAndSlowOnesAreLeftAndHinderNobody) {
  const TempDir folder;
  NodeProcess node(folder.path(), {{"dicom", {{"idle_timeout_s", 2}, {"max_associations", 40}}}});
  node.start();
  const auto descriptors = open_descriptors(node.process());
  std::vector<std::unique_ptr<RawPeer>> peers;
  for (int i = 0; i < 100; ++i) peers.push_back(std::make_unique<RawPeer>(node.address().port));  // without a word
  const auto request = associate_rq({{1, "1.2.840.10008.1.1", {"1.2.840.10008.1.2"}}});
  for (int i = 0; i < 20; ++i) {  // a request that does not end
    peers.push_back(std::make_unique<RawPeer>(node.address().port));
    peers.back()->send(ByteView(request).first(40));
  }
  std::vector<std::unique_ptr<RawPeer>> associated;
  for (int i = 0; i < 30; ++i) {
    associated.push_back(std::make_unique<RawPeer>(node.address().port));
    ASSERT_TRUE(associated.back()->associate());
    if (i % 2 == 0) associated.back()->send(Bytes{std::byte{0x04}, std::byte{0}, std::byte{0}});  // half a PDU's head
  }
  const auto begin = Clock::now();
  EXPECT_NO_THROW(verify(node.address(), {}));
  EXPECT_LE(Clock::now() - begin, std::chrono::seconds(2)) << "an honest peer waited for the silent ones";

  for (const auto& peer : associated) EXPECT_TRUE(peer->wait_for_close()) << "it may be silent for two seconds";
  peers.clear();
  associated.clear();
  const auto slices = small_study("after the silence", 10);
  Ledger ledger;
  EXPECT_EQ(ledger.send(node.address(), slices), slices.size());
  for (int i = 0; i < 100 && open_descriptors(node.process()) > descriptors + 8; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_LE(open_descriptors(node.process()), descriptors + 8);
}

}  // namespace
}  // namespace punctum::test
