// Many peers at once, many one after the other, and peers that say nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <iostream>
#include <memory>
#include <thread>

#include "dicom/net/identifier.hpp"
#include "dicom/net/store_scu.hpp"
#include "tests/support/dcmtk_environment.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/system/torture.hpp"
#include "tests/unit/net/raw_peer.hpp"

namespace punctum::test {
namespace {

using Clock = std::chrono::steady_clock;

/// A C-FIND or C-GET of all studies of a patient that is not there, by its bytes.
void ask_raw(const NodeProcess& node, const std::string& sop_class) {
  const bool finds = sop_class.ends_with(".1");
  RawPeer peer(node.address().port);
  peer.send(associate_rq({{5, sop_class, {"1.2.840.10008.1.2"}}}));
  ASSERT_TRUE(peer.receive_pdu());
  const auto keys = encode_match({{0x0010, 0x0020, "LO", finds ? "nobody" : ""}, {0x0020, 0x000d, "UI", "1.2.3"}},
                                 "STUDY", AeTitle::require("PUNCTUM"), "1.2.840.10008.1.2");
  peer.send(
      joined({p_data(5, true, true, request_of(finds ? command::c_find_rq : command::c_get_rq, sop_class).encode()),
              p_data(5, false, true, keys)}));
  const auto answer = peer.receive_command();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->number(command_element::status), 0);
  peer.send(pdu_of(0x05, Bytes(4)));
  EXPECT_TRUE(peer.receive_pdu()) << "the answer to the release";
}

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

/// What one of the 64 sends: study after study, each new to the node.
class Sender {
 public:
  Sender(int number, const NodeProcess& node, Ledger& ledger) : number_(number), node_(node), ledger_(ledger) {}
  bool is_small() const { return number_ >= 60; }  ///< an image at a time
  /// @return whether all of the next study was taken.
  bool send_next() {
    const bool full_size = number_ < 2;
    CtSeriesBuilder builder;
    builder.slice.study("many " + std::to_string(number_) + " " + std::to_string(round_++));
    builder.slice.size(full_size ? 512 : 64, full_size ? 512 : 64);
    const auto slices = builder.count(is_small() ? 1 : full_size ? 5 : 20).build();
    last_study_ = study_of(slices);
    const auto sent = ledger_.send(node_.address(), slices);
    messages_ += sent;
    return sent == slices.size();
  }
  const std::string& last_study() const { return last_study_; }
  std::size_t messages() const { return messages_; }

 private:
  int number_, round_ = 0;
  const NodeProcess& node_;
  Ledger& ledger_;
  std::string last_study_;
  std::size_t messages_ = 0;
};

TEST(ManyPeers, SixtyFourSendersLeaveMemoryBoundedAndSmallOnesTheirTurn) {
  const auto duration = short_or_long(std::chrono::seconds(8), std::chrono::seconds(600));
  const TempDir folder;
  NodeProcess node(folder.path(), {{"dicom", {{"max_associations", 80}}}});  // room for those that just hang up
  node.start();
  Ledger ledger;
  std::vector<Sender> senders;
  for (int i = 0; i < 64; ++i) senders.emplace_back(i, node, ledger);
  std::atomic<std::size_t> refused = 0;
  std::atomic<std::int64_t> slowest_small_ms = 0;
  std::size_t memory_at_half = 0;
  const auto begin = Clock::now();
  {
    std::vector<std::jthread> threads;
    for (auto& sender : senders) {
      threads.emplace_back([&] {
        while (Clock::now() < begin + duration) {
          const auto start = Clock::now();
          refused += sender.send_next() ? 0 : 1;
          if (!sender.is_small()) continue;
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
  std::size_t messages = 0;
  for (std::size_t i = 0; i < senders.size(); ++i) {
    messages += senders[i].messages();
    if (i % short_or_long(16, 1) == 0) {
      EXPECT_THAT(ledger.lies_about(node, senders[i].last_study()), testing::IsEmpty());
    }
  }
  std::cout << messages << " new instances of 64 senders, " << (memory >> 20) << " MiB, slowest single image "
            << slowest_small_ms << " ms\n";
}

/// What one peer does and goes: one of five, the last of which goes in the middle of a message.
void visit(const NodeProcess& node, Ledger& ledger, int number) {
  const auto study = small_study("visitor " + std::to_string(number / 5 % 50), 1);
  switch (number % 5) {
    case 0:
      return verify(node.address(), {});
    case 1:
      EXPECT_EQ(ledger.send(node.address(), study), 1u);
      return;
    case 2:
    case 3:
      return ask_raw(node, number % 5 == 2 ? "1.2.840.10008.5.1.4.1.2.2.1" : "1.2.840.10008.5.1.4.1.2.2.3");
    default:
      RawPeer broken(node.address().port);
      ASSERT_TRUE(broken.associate());
      broken.send(p_data(3, /*is_command=*/true, /*is_last=*/false, Bytes(20)));
  }
}

TEST(ManyPeers, AssociationsOneAfterTheOtherLeaveNothingBehind) {
  const int associations = short_or_long(500, 20'000);
  const TempDir folder;
  NodeProcess node(folder.path());
  node.start();
  Ledger ledger;
  for (int i = 0; i < 300; ++i) visit(node, ledger, i);
  const auto memory = resident_bytes(node.process());
  const auto descriptors = open_descriptors(node.process());
  for (int i = 0; i < associations; ++i) visit(node, ledger, i);
  EXPECT_LE(resident_bytes(node.process()), memory + (std::size_t{16} << 20));
  EXPECT_LE(open_descriptors(node.process()), descriptors + 8);
  std::cout << associations << " associations, " << (resident_bytes(node.process()) >> 20) << " MiB, " << (memory >> 20)
            << " before\n";
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
