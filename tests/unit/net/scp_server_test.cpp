#include "dicom/net/scp_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <latch>
#include <thread>

#include "dicom/net/store_scu.hpp"
#include "dicom/types/error.hpp"
#include "tests/support/ct_slice_builder.hpp"
#include "tests/support/dcmtk_environment.hpp"
#include "tests/unit/net/fake_node.hpp"
#include "tests/unit/net/raw_peer.hpp"

namespace punctum {
namespace {

using test::CtSeriesBuilder;
using test::FakeNode;
using test::RawPeer;
using test::RunningServer;
using testing::HasSubstr;
using Kind = SendOutcome::Kind;

std::vector<Retrievable> some_slices(int count) {
  std::vector<Retrievable> objects;
  for (const auto& slice : CtSeriesBuilder{}.count(count).build())
    objects.push_back(test::retrievable_from(slice.bytes()));
  return objects;
}

TEST(ScpServer, AnswersVerification) {
  FakeNode node;
  const RunningServer server(node);
  EXPECT_NO_THROW(verify(server.peer(), {}));
}

TEST(ScpServer, StoresDataSetsByteIdentical) {
  FakeNode node;
  const RunningServer server(node);
  const auto objects = some_slices(5);

  const auto outcomes = send_objects(server.peer(), objects, {});

  for (const auto& outcome : outcomes) EXPECT_EQ(outcome.kind, Kind::sent) << outcome.message;
  const auto stored = node.stored();
  ASSERT_EQ(stored.size(), objects.size());
  for (const auto& object : objects) {
    EXPECT_EQ(stored.at(object.name.sop_instance_uid.str()).data_set, test::data_set_of(test::file_of(object)));
  }
}

TEST(ScpServer, TakesTheSmallestAndTheLargestPdus) {
  const auto slice =
      test::CtSliceBuilder{}.size(400, 400).build();  // 320 kB: three of the largest PDUs, eighty of the smallest
  for (const std::uint32_t ours : {4096u, 131072u}) {
    for (const std::uint32_t theirs : {4096u, 131072u}) {
      FakeNode node;
      ScpOptions options;
      options.max_pdu = ours;
      const RunningServer server(node, options);
      SendOptions calling;
      calling.max_pdu = theirs;
      const auto outcomes = send_objects(server.peer(), {test::retrievable_from(slice.bytes())}, calling);
      ASSERT_EQ(outcomes.size(), 1u);
      EXPECT_EQ(outcomes[0].kind, Kind::sent) << outcomes[0].message;
      EXPECT_EQ(node.stored().at(slice.name().sop_instance_uid.str()).data_set, test::data_set_of(slice.bytes()));
    }
  }
}

/// A message in values of this many bytes, `together` of them in each PDU (PS3.8 9.3.5).
Bytes in_values(std::uint8_t context_id, bool is_command, ByteView message, std::size_t size, std::size_t together) {
  Bytes stream, body;
  for (std::size_t number = 1; !message.empty(); ++number) {
    const auto value = message.first(std::min(size, message.size()));
    message = message.subspan(value.size());
    const auto pdu = test::p_data(context_id, is_command, /*is_last=*/message.empty(), value);
    body.insert(body.end(), pdu.begin() + 6, pdu.end());
    if (number % together != 0 && !message.empty()) continue;
    const auto whole = test::pdu_of(0x04, body);
    stream.insert(stream.end(), whole.begin(), whole.end());
    body.clear();
  }
  return stream;
}

TEST(ScpServer, TakesMessagesInValuesOfOneByte) {
  const auto slice = test::CtSliceBuilder{}.size(8, 8).build();
  const auto uid = slice.name().sop_instance_uid.str();
  auto command = test::request_of(command::c_store_rq, slice.name().sop_class_uid.str());
  command.set_uid(command_element::affected_sop_instance_uid, uid);
  for (const std::size_t together : {1, 500}) {
    FakeNode node;
    const RunningServer server(node);
    RawPeer peer(server.server.port());
    ASSERT_TRUE(peer.associate());
    peer.send(in_values(3, /*is_command=*/true, command.encode(), 1, together));
    peer.send(in_values(3, /*is_command=*/false, test::data_set_of(slice.bytes()), 1, together));
    const auto response = peer.receive_command();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->number(command_element::status), 0);
    EXPECT_EQ(node.stored().at(uid).data_set, test::data_set_of(slice.bytes()));
  }
}

TEST(ScpServer, ListensOnIpv6) {
  FakeNode node;
  ScpOptions options;
  options.bind = "::1";
  try {
    const RunningServer server(node, options);
    EXPECT_NO_THROW(verify({options.ae_title, "::1", server.server.port()}, {}));
  } catch (const NetworkError& error) {
    GTEST_SKIP() << "no IPv6 here: " << error.what();
  }
}

TEST(ScpServer, RefusesAPortInUseWithTheAddressInTheText) {
  FakeNode node;
  const RunningServer server(node);
  ScpOptions options;
  options.port = server.server.port();
  try {
    ScpServer second(options, node.services());
    FAIL() << "two servers on one port";
  } catch (const NetworkError& error) {
    EXPECT_THAT(error.what(), HasSubstr("127.0.0.1:" + server.port()));
  }
}

TEST(ScpServer, TellsAFailedStoreAndKeepsTheAssociation) {
  FakeNode node;
  const auto objects = some_slices(5);
  const auto uid_of = [&](int i) { return objects[static_cast<std::size_t>(i)].name.sop_instance_uid; };
  node.on_write = [&](const StoreRequest& request, std::size_t) {
    if (request.sop_instance_uid == uid_of(1)) throw OutOfResources("cannot store: no room");
    if (request.sop_instance_uid == uid_of(2)) throw std::logic_error("DOE^JANE is secret");
  };
  node.on_finish = [&](const StoreRequest& request) {
    if (request.sop_instance_uid == uid_of(3)) throw IdentityConflict("cannot store: other bytes under this UID");
    if (request.sop_instance_uid == uid_of(4)) throw DicomError("cannot read data set: no Study Instance UID");
  };
  const RunningServer server(node);

  const auto outcomes = send_objects(server.peer(), objects, {});

  EXPECT_EQ(outcomes[0].kind, Kind::sent);
  EXPECT_EQ(outcomes[1].status, 0xa700);
  EXPECT_EQ(outcomes[1].kind, Kind::transient);
  EXPECT_THAT(outcomes[1].comment, HasSubstr("no room"));
  EXPECT_THAT(outcomes[1].message, Not(HasSubstr("no room"))) << "what a peer says may name a patient";
  EXPECT_EQ(outcomes[2].status, 0x0110);
  EXPECT_THAT(outcomes[2].text(), Not(HasSubstr("DOE")));
  EXPECT_EQ(outcomes[3].status, 0xa900);
  EXPECT_EQ(outcomes[3].kind, Kind::permanent);
  EXPECT_EQ(outcomes[4].status, 0xc000);
  EXPECT_EQ(outcomes[4].kind, Kind::permanent);
  EXPECT_EQ(node.stored().size(), 1u);
}

TEST(ScpServer, ServesAssociationsInParallel) {
  constexpr int sender_count = 4;
  FakeNode node;
  std::latch all_there(sender_count);
  node.on_finish = [&](const StoreRequest&) { all_there.arrive_and_wait(); };  // hangs if one waits for another
  const RunningServer server(node);
  const auto objects = some_slices(sender_count);

  std::vector<std::jthread> senders;
  for (const auto& object : objects) senders.emplace_back([&] { (void)send_objects(server.peer(), {object}, {}); });
  senders.clear();

  EXPECT_EQ(node.stored().size(), objects.size());
}

TEST(ScpServer, TurnsAwayTransientlyBeyondTheLimitAndServesAgainLater) {
  FakeNode node;
  ScpOptions options;
  options.max_associations = 2;
  const RunningServer server(node, options);
  auto first = std::make_unique<RawPeer>(server.server.port());
  RawPeer second(server.server.port());
  ASSERT_TRUE(first->associate());
  ASSERT_TRUE(second.associate());

  RawPeer third(server.server.port());
  EXPECT_FALSE(third.associate());
  const auto outcome = send_objects(server.peer(), some_slices(1), {}).front();
  EXPECT_EQ(outcome.kind, Kind::transient);
  EXPECT_THAT(outcome.message, HasSubstr("result 2, source 3, reason 2"));
  EXPECT_TRUE(second.echo());

  first.reset();
  bool served = false;
  for (int i = 0; i < 500 && !served; ++i) {
    served = RawPeer(server.server.port()).associate();
    if (!served) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_TRUE(served);
}

TEST(ScpServer, SilentCallersTakeNoAssociation) {
  FakeNode node;
  ScpOptions options;
  options.max_associations = 1;
  const RunningServer server(node, options);
  std::vector<std::unique_ptr<RawPeer>> silent;
  const auto start_of_a_request = test::associate_rq({{1, "1.2.840.10008.1.1", {"1.2.840.10008.1.2"}}});
  for (int i = 0; i < 50; ++i) {
    silent.push_back(std::make_unique<RawPeer>(server.server.port()));
    silent.back()->send(ByteView(start_of_a_request).first(static_cast<std::size_t>(i)));
  }
  EXPECT_NO_THROW(verify(server.peer(), {}));
}

TEST(ScpServer, RejectsUnknownCallersAndWrongNamesWhenAListIsGiven) {
  FakeNode node;
  ScpOptions options;
  options.callers = std::set{AeTitle::require("SCANNER")};
  const RunningServer server(node, options);
  SendOptions scanner;
  scanner.calling = AeTitle::require("SCANNER");
  const auto rejection = [&](const Peer& peer, const SendOptions& from) -> std::string {
    try {
      verify(peer, from);
      return "accepted";
    } catch (const NetworkError& error) {
      return error.what();
    }
  };

  EXPECT_EQ(rejection(server.peer(), scanner), "accepted");
  EXPECT_THAT(rejection(server.peer(), {}), HasSubstr("result 1, source 1, reason 3"));
  EXPECT_THAT(rejection({AeTitle::require("OTHER"), "127.0.0.1", server.server.port()}, scanner),
              HasSubstr("result 1, source 1, reason 7"));
  EXPECT_EQ(send_objects(server.peer(), some_slices(1), {}).front().kind, Kind::permanent);
}

TEST(ScpServer, StopLetsARunningStoreFinish) {
  FakeNode node;
  std::latch storing(1);
  node.on_finish = [&](const StoreRequest&) {
    storing.count_down();
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  };
  RunningServer server(node);
  std::vector<SendOutcome> outcomes;
  std::jthread sender([&] { outcomes = send_objects(server.peer(), some_slices(1), {}); });
  storing.wait();
  server.server.stop(std::chrono::seconds(10));
  sender.join();
  EXPECT_EQ(outcomes.front().kind, Kind::sent);
}

TEST(ScpServer, StopAbortsIdleAndStuckAssociations) {
  FakeNode node;
  RunningServer server(node);
  RawPeer idle(server.server.port()), stuck(server.server.port());
  ASSERT_TRUE(idle.associate());
  ASSERT_TRUE(stuck.associate());
  stuck.send(test::bytes_of_text(std::string("\x04\0\0\0\xff", 5)));  // the beginning of a PDU, and no more

  server.server.stop(std::chrono::milliseconds(300));  // and does not wait for the rest of that PDU

  const auto last_word = idle.receive_pdu();
  ASSERT_TRUE(last_word);
  EXPECT_EQ((*last_word)[0], std::byte{0x07});
  EXPECT_THROW(RawPeer(server.server.port()), std::runtime_error);
}

TEST(ScpServer, AbortsASilentPeerAfterTheIdleTimeout) {
  FakeNode node;
  ScpOptions options;
  options.idle_timeout = std::chrono::seconds(1);
  const RunningServer server(node, options);
  RawPeer peer(server.server.port());
  ASSERT_TRUE(peer.associate());
  const auto last_word = peer.receive_pdu();
  ASSERT_TRUE(last_word);
  EXPECT_EQ((*last_word)[0], std::byte{0x07});
}

TEST(ScpServer, SaysWhatHappenedToAssociations) {
  FakeNode node;
  {
    const RunningServer server(node);
    verify(server.peer(), {});
  }
  const auto events = node.events();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].kind, AssociationEvent::Kind::accepted);
  EXPECT_EQ(events[0].calling, "PUNCTUM");
  EXPECT_EQ(events[0].address, "127.0.0.1");
  EXPECT_EQ(events[1].kind, AssociationEvent::Kind::released);
  EXPECT_EQ(events[1].requests, 1);
}

}  // namespace
}  // namespace punctum
