// Peers that take their time, and those who share the node with them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <latch>
#include <thread>

#include "dicom/net/store_scu.hpp"
#include "dicom/types/error.hpp"
#include "dicom/types/sop_classes.hpp"
#include "tests/support/ct_slice_builder.hpp"
#include "tests/unit/net/fake_node.hpp"
#include "tests/unit/net/raw_peer.hpp"

namespace punctum {
namespace {

using test::FakeNode;
using test::RawPeer;
using test::RunningServer;

ScpOptions impatient() {
  ScpOptions options;
  options.idle_timeout = std::chrono::seconds(1);
  return options;
}

bool ends_with(const FakeNode& node, AssociationEvent::Kind kind, std::string_view reason) {
  for (int i = 0; i < 1000; ++i) {
    for (const auto& event : node.events()) {
      if (event.kind == kind && event.reason.find(reason) != std::string::npos) return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

/// Sends the same bytes again and again until it is over or the node hangs up.
void drip(RawPeer& peer, ByteView bytes, std::chrono::milliseconds every, const std::atomic<bool>& over) {
  while (!over) {
    try {
      peer.send(bytes);
    } catch (const std::exception&) {
      return;
    }
    std::this_thread::sleep_for(every);
  }
}

TEST(SlowPeers, APduThatComesByteByByteEndsTheAssociation) {
  FakeNode node;
  const RunningServer server(node, impatient());
  RawPeer slow(server.server.port());
  ASSERT_TRUE(slow.associate());
  std::atomic<bool> over = false;
  std::jthread dripping([&] {  // a byte each 100 ms would keep a timer for silence alone from ever striking
    slow.send(test::bytes_of_text(std::string("\x04\0\0\0\x40\0", 6)));
    drip(slow, test::bytes_of_text("x"), std::chrono::milliseconds(100), over);
  });
  EXPECT_TRUE(ends_with(node, AssociationEvent::Kind::aborted, "in the middle of a message"));
  over = true;
}

TEST(SlowPeers, ADataSetOfTinyPdusEndsTheAssociationToo) {
  FakeNode node;
  const RunningServer server(node, impatient());
  RawPeer slow(server.server.port());
  slow.send(test::associate_rq({{1, std::string(sop_class::ct_image_storage), {"1.2.840.10008.1.2"}}}));
  ASSERT_TRUE(slow.receive_pdu());
  CommandSet request;
  request.set(command_element::command_field, command::c_store_rq)
      .set(command_element::message_id, 1)
      .set(command_element::priority, 0)
      .set(command_element::command_data_set_type, 1)
      .set_uid(command_element::affected_sop_class_uid, sop_class::ct_image_storage)
      .set_uid(command_element::affected_sop_instance_uid, "1.2.3.4");
  slow.send(test::p_data(1, /*is_command=*/true, /*is_last=*/true, request.encode()));
  std::atomic<bool> over = false;
  std::jthread dripping([&] {  // whole PDUs, each well in time
    const auto pdu = test::p_data(1, /*is_command=*/false, /*is_last=*/false, test::bytes_of_text("xx"));
    drip(slow, pdu, std::chrono::milliseconds(200), over);
  });
  EXPECT_TRUE(ends_with(node, AssociationEvent::Kind::aborted, "in the middle of a message"));
  over = true;
}

TEST(SlowPeers, OneThatNeverReadsItsAnswersIsLetGo) {
  FakeNode node;
  node.on_find = [](const QueryRequest&, const std::function<bool(const Identifier&)>& emit, auto&) {
    const Identifier match = {{0x0010, 0x4000, "LT", std::string(8000, 'x')}};
    while (emit(match)) continue;
  };
  const RunningServer server(node, impatient());
  RawPeer deaf(server.server.port());
  deaf.send(test::associate_rq({{1, std::string(sop_class::study_root_find), {"1.2.840.10008.1.2"}}}));
  ASSERT_TRUE(deaf.receive_pdu());
  CommandSet request;
  request.set(command_element::command_field, command::c_find_rq)
      .set(command_element::message_id, 1)
      .set(command_element::priority, 0)
      .set(command_element::command_data_set_type, 1)
      .set_uid(command_element::affected_sop_class_uid, sop_class::study_root_find);
  deaf.send(test::p_data(1, /*is_command=*/true, /*is_last=*/true, request.encode()));
  deaf.send(test::p_data(1, /*is_command=*/false, /*is_last=*/true,
                         test::bytes_of_text(std::string_view("\x08\0\x52\0\x06\0\0\0STUDY ", 14))));
  EXPECT_TRUE(ends_with(node, AssociationEvent::Kind::aborted, "stopped reading"));
}

TEST(SlowPeers, SmallSendersAreServedWhileALargeOneRuns) {
  FakeNode node;
  std::latch large_began(1);
  std::atomic<bool> first = true;
  node.on_write = [&](const StoreRequest& request, std::size_t) {
    if (request.caller.calling.str() != "LARGE") return;
    if (first.exchange(false)) large_began.count_down();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  };
  const RunningServer server(node);
  SendOptions large, small;
  large.calling = AeTitle::require("LARGE");
  large.max_pdu = 16384;
  const auto object = test::retrievable_from(test::CtSliceBuilder{}.instance(1).build().bytes());
  std::jthread sender([&] {
    const std::vector<Retrievable> many(200, object);
    (void)send_objects(server.peer(), many, large);
  });
  large_began.wait();
  for (int i = 2; i < 12; ++i) {
    const auto slice = test::retrievable_from(test::CtSliceBuilder{}.instance(i).build().bytes());
    EXPECT_EQ(send_objects(server.peer(), {slice}, small).front().kind, SendOutcome::Kind::sent);
  }
  const auto requests = node.store_requests();
  const auto from_large = std::ranges::count_if(
      requests, [](const StoreRequest& request) { return request.caller.calling.str() == "LARGE"; });
  EXPECT_LT(from_large, 200) << "the small ones waited for all of the large one";
}

}  // namespace
}  // namespace punctum
