#include "node/delivery/deliverer.hpp"

#include <gtest/gtest.h>

#include "tests/unit/node/memory_of_a_node.hpp"

namespace punctum::test {
namespace {

using Kind = SendOutcome::Kind;

/// A peer that answers every object alike, and counts.
struct Answering {
  SendOutcome outcome;
  std::size_t lines = 0, objects = 0;
  Deliverer::Send send() {
    return [this](const Peer&, const std::vector<Retrievable>& sent, const std::stop_token&) {
      ++lines;
      objects += sent.size();
      return std::vector<SendOutcome>(sent.size(), outcome);
    };
  }
};

struct ResultDelivery : testing::Test {
  MemoryOfANode node;
  std::vector<Peer> peers{{AeTitle::require("ARCHIVE"), "127.0.0.1", 104},
                          {AeTitle::require("VIEWER"), "127.0.0.1", 105}};

  Deliverer deliverer(Answering& answering, RetryPolicy policy = {}) {
    return {*node.archive, *node.stores.deliveries, *node.stores.followers, peers, answering.send(), policy};
  }
  std::size_t count(DeliveryState state) const {
    std::size_t n = 0;
    for (const auto& one : node.stores.deliveries->list(100)) n += one.state == state ? 1 : 0;
    return n;
  }
  void produce(int objects) {
    for (int i = 0; i < objects; ++i) node.ingest.store_produced(CtSliceBuilder{}.instance(i + 1).build().file);
  }
};

TEST_F(ResultDelivery, SendsProducedObjectsToEveryPeerInOneBatchEach) {
  produce(3);
  node.receive(CtSliceBuilder{}.instance(9).build().file);
  Answering good{{Kind::sent, 0, ""}};
  auto delivery = deliverer(good);
  EXPECT_EQ(delivery.queue_new_results(), 6u);
  EXPECT_EQ(delivery.send_due(), 6u);
  EXPECT_EQ(good.lines, 2u);
  EXPECT_EQ(count(DeliveryState::sent), 6u);
}

TEST_F(ResultDelivery, SendsNothingTwiceAfterARestart) {
  produce(1);
  Answering good{{Kind::sent, 0, ""}};
  {
    auto first = deliverer(good);
    first.queue_new_results();
    first.send_due();
  }
  auto second = deliverer(good);
  EXPECT_EQ(second.queue_new_results(), 0u);
  EXPECT_EQ(second.send_due(), 0u);
}

TEST_F(ResultDelivery, TriesTransientFailureAgainUntilTheBound) {
  produce(1);
  peers.pop_back();
  Answering busy{{Kind::transient, 0xA700, "out of resources"}};
  RetryPolicy at_once{
      .attempts = 3, .first_delay = std::chrono::milliseconds(0), .longest_delay = std::chrono::milliseconds(0)};
  auto delivery = deliverer(busy, at_once);
  delivery.queue_new_results();
  for (int i = 0; i < 5; ++i) delivery.send_due();
  EXPECT_EQ(busy.objects, 3u);
  EXPECT_EQ(count(DeliveryState::failed), 1u);
}

TEST_F(ResultDelivery, WaitsBeforeTheNextTry) {
  produce(1);
  peers.pop_back();
  Answering busy{{Kind::transient, 0, "connection refused"}};
  auto delivery = deliverer(busy);
  delivery.queue_new_results();
  delivery.send_due();
  delivery.send_due();
  EXPECT_EQ(busy.objects, 1u);
  EXPECT_EQ(count(DeliveryState::waiting), 1u);
  EXPECT_EQ(node.stores.deliveries->list(1).at(0).message, "connection refused");
}

TEST_F(ResultDelivery, FailsAtOnceWhenThePeerRefusesForGood) {
  produce(1);
  peers.pop_back();
  Answering never{{Kind::permanent, 0x0122, "SOP class not supported"}};
  auto delivery = deliverer(never);
  delivery.queue_new_results();
  delivery.send_due();
  EXPECT_EQ(count(DeliveryState::failed), 1u);
}

TEST(RetryPolicy, DelaysDoubleUpToTheLongest) {
  const RetryPolicy policy;
  EXPECT_EQ(policy.delay_after(1), policy.first_delay);
  EXPECT_EQ(policy.delay_after(3), policy.first_delay * 4);
  EXPECT_EQ(policy.delay_after(60), policy.longest_delay);
}

}  // namespace
}  // namespace punctum::test
