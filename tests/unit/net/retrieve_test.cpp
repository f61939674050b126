// C-GET and C-MOVE as seen by a client that looks at every message.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "dicom/net/association.hpp"
#include "dicom/net/dimse_status.hpp"
#include "dicom/net/identifier.hpp"
#include "dicom/net/store_scu.hpp"
#include "dicom/types/sop_classes.hpp"
#include "tests/support/ct_slice_builder.hpp"
#include "tests/unit/net/fake_node.hpp"
#include "tests/unit/net/raw_peer.hpp"

namespace punctum {
namespace {

using test::FakeNode;
using test::RunningServer;

const std::string explicit_syntax(transfer_syntax::explicit_vr_little_endian);
constexpr std::uint16_t request_id = 41;

std::vector<Retrievable> some_slices(int count) {
  std::vector<Retrievable> objects;
  for (const auto& slice : test::CtSeriesBuilder{}.count(count).build()) {
    objects.push_back(test::retrievable_from(slice.bytes()));
  }
  return objects;
}

/// Associated for one retrieve service (context 1) and for receiving CT (context 3).
class Client {
 public:
  Client(const Peer& peer, std::string_view service)
      : association_(Association::request(
            {AeTitle::require("CLIENT"),
             peer,
             {{1, std::string(service), {explicit_syntax}, false},
              {3, std::string(sop_class::ct_image_storage), {explicit_syntax}, /*proposer_is_scp=*/true}},
             16384})),
        service_(service) {}

  void request(std::uint16_t field, std::string_view destination = {}) {
    CommandSet command;
    command.set(command_element::command_field, field)
        .set(command_element::message_id, request_id)
        .set(command_element::priority, 0)
        .set_uid(command_element::affected_sop_class_uid, service_);
    if (!destination.empty()) command.set_text(command_element::move_destination, destination);
    const auto identifier =
        test::bytes_of_text(std::string_view("\x08\0\x52\0CS\x06\0STUDY \x20\0\x0d\0UI\x06\0001.2.3\0", 28));
    association_.send(1, std::move(command), identifier);
  }

  Command next() { return association_.read_command(); }

  Bytes take_object(const Command& store) {
    auto bytes = *association_.read_data_set(store.context_id, std::size_t{1} << 24);
    CommandSet response;
    response.set(command_element::command_field, command::c_store_rq | command::response)
        .set(command_element::message_id_being_responded_to, *store.set.number(command_element::message_id))
        .set(command_element::status, 0);
    association_.send(store.context_id, std::move(response));
    return bytes;
  }

  void cancel() {
    CommandSet command;
    command.set(command_element::command_field, command::c_cancel_rq)
        .set(command_element::message_id_being_responded_to, request_id);
    association_.send(1, std::move(command));
  }

  Bytes data_set() { return *association_.read_data_set(1, std::size_t{1} << 20); }

 private:
  Association association_;
  std::string service_;
};

std::uint16_t status_of(const Command& command) { return command.set.number(command_element::status).value_or(0xffff); }

/// The first that is not pending.
Command final_response(Client& client) {
  auto response = client.next();
  while (status_of(response) == status::pending) response = client.next();
  return response;
}

/// A search that finds nothing and takes as long as somebody wants the answer, a minute at most.
void search_long(const Interruption& interruption, std::atomic<bool>& begun) {
  begun = true;
  for (int i = 0; i < 60'000; ++i) {
    if (interruption.disturbed() && !interruption.goes_on()) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

TEST(CFind, IsCancelledWhileTheIndexSearches) {
  FakeNode node;
  std::atomic<bool> begun = false;
  node.on_find = [&](auto&, auto&, const auto& interruption) { search_long(interruption, begun); };
  const RunningServer server(node);
  Client client(server.peer(), sop_class::study_root_find);
  client.request(command::c_find_rq);
  while (!begun) std::this_thread::yield();
  client.cancel();
  EXPECT_EQ(status_of(client.next()), status::cancelled);
}

TEST(CFind, EndsWithThePeerWhileTheIndexSearches) {
  FakeNode node;
  std::atomic<bool> begun = false;
  node.on_find = [&](auto&, auto&, const auto& interruption) { search_long(interruption, begun); };
  RunningServer server(node);
  {
    Client client(server.peer(), sop_class::study_root_find);
    client.request(command::c_find_rq);
    while (!begun) std::this_thread::yield();
  }
  const auto begin = std::chrono::steady_clock::now();
  server.server.stop(std::chrono::seconds(30));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20)) << "it searched on for nobody";
}

TEST(CGet, SendsObjectsOnTheSameAssociationAndCountsThem) {
  FakeNode node;
  node.retrievables = some_slices(3);
  const RunningServer server(node);
  Client client(server.peer(), sop_class::study_root_get);
  client.request(command::c_get_rq);
  int objects = 0;
  auto received = client.next();
  for (; received.set.field() == command::c_store_rq; received = client.next()) {
    ++objects;
    client.take_object(received);
  }
  EXPECT_EQ(objects, 3);
  EXPECT_EQ(received.set.field(), command::c_get_rq | command::response);
  EXPECT_EQ(status_of(received), status::success);
  EXPECT_EQ(received.set.number(command_element::message_id_being_responded_to), request_id);
  EXPECT_EQ(received.set.number(command_element::number_of_completed_sub_operations), 3);
  EXPECT_EQ(received.set.number(command_element::number_of_failed_sub_operations), 0);
  ASSERT_EQ(node.queries().size(), 1u);
  EXPECT_EQ(node.queries()[0].level, "STUDY");
  EXPECT_EQ(node.queries()[0].keys.at(0).value, "1.2.3");
}

TEST(CGet, StopsWhenCancelledWhileAnObjectIsOnItsWay) {
  FakeNode node;
  node.retrievables = some_slices(20);
  const RunningServer server(node);
  Client client(server.peer(), sop_class::study_root_get);
  client.request(command::c_get_rq);
  client.take_object(client.next());
  const auto second = client.next();
  client.cancel();
  client.take_object(second);
  const auto last = client.next();
  EXPECT_EQ(status_of(last), status::cancelled);
  EXPECT_EQ(last.set.number(command_element::number_of_completed_sub_operations), 2);
  EXPECT_EQ(last.set.number(command_element::number_of_remaining_sub_operations), 18);
}

TEST(CGet, ListsWhatFailed) {
  FakeNode node;
  node.retrievables = some_slices(3);
  node.retrievables[1].open = []() -> ReadPart { throw StorageError("cannot read blob"); };
  const RunningServer server(node);
  Client client(server.peer(), sop_class::study_root_get);
  client.request(command::c_get_rq);
  auto received = client.next();
  for (; received.set.field() == command::c_store_rq; received = client.next()) client.take_object(received);
  EXPECT_EQ(status_of(received), status::sub_operations_with_failures);
  ASSERT_TRUE(received.set.has_data_set());
  const auto identifier = decode_identifier(client.data_set(), explicit_syntax);
  EXPECT_EQ(identifier.keys.at(0).value, node.retrievables[1].name.sop_instance_uid.str());
}

/// Nine megabytes, the parts of which are looked at when they are read.
Retrievable large_object(const std::function<void(std::uint64_t offset, std::uint64_t size)>& look) {
  auto object = retrievable(test::CtSliceBuilder{}.size(2304, 2048).build().file);
  object.open = [open = object.open, look] {
    return [read = open(), look](std::uint64_t offset, std::uint64_t size) {
      look(offset, size);
      return read(offset, size);
    };
  };
  return object;
}

TEST(CGet, ReadsALargeObjectWhileItIsSent) {
  FakeNode node;
  std::atomic<std::uint64_t> largest = 0;
  node.retrievables = {large_object([&](auto, auto size) { largest = std::max<std::uint64_t>(largest, size); })};
  const RunningServer server(node);
  Client client(server.peer(), sop_class::study_root_get);
  client.request(command::c_get_rq);
  const auto store = client.next();
  const auto received = client.take_object(store);
  const auto size_read = largest.exchange(0);
  EXPECT_TRUE(received == test::data_set_of(test::file_of(node.retrievables[0])));
  const auto last = final_response(client);
  EXPECT_EQ(status_of(last), status::success);
  EXPECT_LE(size_read, data_set_piece_bytes);
}

Retrievable object_that_breaks_off() {
  return large_object([](auto offset, auto) {
    if (offset > data_set_piece_bytes) throw StorageError("the disk gives no more");
  });
}

TEST(CGet, EndsTheAssociationWhenAnObjectCannotBeReadToItsEnd) {
  FakeNode node;
  node.retrievables = {object_that_breaks_off()};
  const RunningServer server(node);
  Client client(server.peer(), sop_class::study_root_get);
  client.request(command::c_get_rq);
  const auto store = client.next();
  EXPECT_THROW(client.take_object(store), NetworkError);
}

TEST(CGet, TellsThatItIsAliveWhileAnObjectIsUnpacked) {
  FakeNode node;
  node.retrievables = some_slices(1);
  node.retrievables[0].transfer_syntax_uid = Uid::require(transfer_syntax::rle_lossless);
  node.transcode = [](ByteView file, std::string_view) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2300));
    return Bytes(file.begin(), file.end());
  };
  const RunningServer server(node);
  Client client(server.peer(), sop_class::study_root_get);
  client.request(command::c_get_rq);
  int pending = 0;
  auto received = client.next();
  for (; received.set.field() != command::c_store_rq; received = client.next()) {
    EXPECT_EQ(status_of(received), status::pending);
    ++pending;
  }
  EXPECT_GE(pending, 1);
  client.take_object(received);
  EXPECT_EQ(status_of(client.next()), status::success);
}

TEST(CGet, RepacksNothingThatMemoryMayNotHold) {
  FakeNode node;
  node.retrievables = some_slices(2);
  auto& huge = node.retrievables[0];
  huge.transfer_syntax_uid = Uid::require(transfer_syntax::rle_lossless);  // the client takes plain ones only
  huge.file_size = std::uint64_t{2} << 30;
  huge.open = [] { return [](std::uint64_t, std::uint64_t) -> Bytes { throw Error("it was read"); }; };
  const RunningServer server(node);
  Client client(server.peer(), sop_class::study_root_get);
  client.request(command::c_get_rq);
  auto received = client.next();
  for (; received.set.field() != command::c_store_rq; received = client.next()) continue;
  client.take_object(received);
  const auto last = final_response(client);
  EXPECT_EQ(status_of(last), status::sub_operations_with_failures);
}

TEST(CMove, TellsThatItIsAliveWhileTheDestinationIsSlow) {
  FakeNode slow;
  slow.on_finish = [](const StoreRequest&) { std::this_thread::sleep_for(std::chrono::milliseconds(1300)); };
  const RunningServer destination(slow);
  FakeNode node;
  node.retrievables = some_slices(2);
  node.peers.emplace(AeTitle::require("SLOW"), destination.peer());
  const RunningServer server(node);
  Client client(server.peer(), sop_class::study_root_move);
  client.request(command::c_move_rq, "SLOW");
  int pending = 0;
  auto received = client.next();
  for (; status_of(received) == status::pending; received = client.next()) ++pending;
  EXPECT_GE(pending, 1);
  EXPECT_EQ(status_of(received), status::success);
  EXPECT_EQ(received.set.number(command_element::number_of_completed_sub_operations), 2);
  ASSERT_EQ(slow.store_requests().size(), 2u);
  EXPECT_EQ(slow.store_requests()[0].caller.calling.str(), "PUNCTUM");
}

TEST(CMove, StopsWhenCancelled) {
  FakeNode slow;
  slow.on_finish = [](const StoreRequest&) { std::this_thread::sleep_for(std::chrono::milliseconds(100)); };
  const RunningServer destination(slow);
  FakeNode node;
  node.retrievables = some_slices(30);
  node.peers.emplace(AeTitle::require("SLOW"), destination.peer());
  const RunningServer server(node);
  Client client(server.peer(), sop_class::study_root_move);
  client.request(command::c_move_rq, "SLOW");
  client.cancel();
  const auto received = final_response(client);
  EXPECT_EQ(status_of(received), status::cancelled);
  EXPECT_LT(slow.stored().size(), 30u);
}

/// A C-MOVE of `count` slices to a destination that likes several associations; the final status.
std::uint16_t move_over(std::size_t associations, int count, const RunningServer& destination) {
  FakeNode node;
  node.retrievables = some_slices(count);
  auto peer = destination.peer();
  peer.associations = associations;
  node.peers.emplace(AeTitle::require("WIDE"), peer);
  const RunningServer server(node);
  Client client(server.peer(), sop_class::study_root_move);
  client.request(command::c_move_rq, "WIDE");
  const auto received = final_response(client);
  EXPECT_EQ(received.set.number(command_element::number_of_completed_sub_operations), count);
  return status_of(received);
}

std::size_t associations_used(const FakeNode& node) {
  std::set<std::int64_t> ids;
  for (const auto& request : node.store_requests()) ids.insert(request.caller.association_id);
  return ids.size();
}

TEST(CMove, SendsOverAsManyAssociationsAsThePeerLikes) {
  FakeNode wide;
  wide.on_finish = [](const StoreRequest&) { std::this_thread::sleep_for(std::chrono::milliseconds(20)); };
  const RunningServer destination(wide);
  EXPECT_EQ(move_over(3, 40, destination), status::success);
  EXPECT_EQ(wide.stored().size(), 40u);
  EXPECT_EQ(wide.store_requests().size(), 40u) << "an object was sent twice";
  EXPECT_EQ(associations_used(wide), 3u);
}

TEST(CMove, LeavesTheRestToOneAssociationWhereThePeerRefusesMore) {
  FakeNode narrow;
  narrow.on_finish = [](const StoreRequest&) { std::this_thread::sleep_for(std::chrono::milliseconds(5)); };
  ScpOptions one_at_a_time;
  one_at_a_time.max_associations = 1;
  const RunningServer destination(narrow, one_at_a_time);
  EXPECT_EQ(move_over(4, 40, destination), status::success);
  EXPECT_EQ(associations_used(narrow), 1u);
}

TEST(CMove, AnObjectThatCannotBeReadToItsEndFailsAlone) {
  FakeNode destination_node;
  const RunningServer destination(destination_node);
  FakeNode node;
  node.retrievables = some_slices(4);
  node.retrievables.insert(node.retrievables.begin() + 1, object_that_breaks_off());
  node.peers.emplace(AeTitle::require("THERE"), destination.peer());
  const RunningServer server(node);
  Client client(server.peer(), sop_class::study_root_move);
  client.request(command::c_move_rq, "THERE");
  const auto received = final_response(client);
  EXPECT_EQ(status_of(received), status::sub_operations_with_failures);
  EXPECT_EQ(received.set.number(command_element::number_of_completed_sub_operations), 4);
  EXPECT_EQ(received.set.number(command_element::number_of_failed_sub_operations), 1);
  EXPECT_EQ(destination_node.stored().size(), 4u);
}

TEST(SendObjects, AnObjectThatCannotBeReadToItsEndFailsAlone) {
  FakeNode node;
  const RunningServer server(node);
  auto objects = some_slices(4);
  objects.insert(objects.begin() + 1, object_that_breaks_off());
  const auto outcomes = send_objects(server.peer(), objects, {});
  ASSERT_EQ(outcomes.size(), 5u);
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    EXPECT_EQ(outcomes[i].kind, i == 1 ? SendOutcome::Kind::transient : SendOutcome::Kind::sent) << outcomes[i].message;
  }
  EXPECT_THAT(outcomes[1].message, testing::HasSubstr("the disk gives no more"));
  EXPECT_EQ(node.stored().size(), 4u);
}

TEST(CMove, FailsWhatTheDestinationNeverGot) {
  FakeNode node;
  node.retrievables = some_slices(3);
  node.peers.emplace(AeTitle::require("NOBODY"), Peer{AeTitle::require("NOBODY"), "127.0.0.1", 1});
  const RunningServer server(node);
  Client client(server.peer(), sop_class::study_root_move);
  client.request(command::c_move_rq, "NOBODY");
  const auto received = final_response(client);
  EXPECT_EQ(status_of(received), status::unable_to_perform_sub_operations);
  EXPECT_EQ(received.set.number(command_element::number_of_failed_sub_operations), 3);
  const auto identifier = decode_identifier(client.data_set(), explicit_syntax);
  EXPECT_EQ(std::ranges::count(identifier.keys.at(0).value, '\\'), 2);
}

TEST(SendObjects, UsesSeveralAssociationsForMoreKindsThanOneHolds) {
  FakeNode node;
  const RunningServer server(node);
  const auto file = test::CtSliceBuilder{}.build().bytes();
  std::vector<Retrievable> objects(300, test::retrievable_from(file));
  for (std::size_t i = 0; i < objects.size(); ++i) {
    objects[i].name.sop_class_uid = Uid::require("1.2.3." + std::to_string(i + 1));
    objects[i].name.sop_instance_uid = Uid::require("1.2.4." + std::to_string(i + 1));
  }
  std::size_t told = 0;
  const auto outcomes = send_objects(server.peer(), objects, {}, [&](std::size_t, const SendOutcome&) { ++told; });
  for (const auto& outcome : outcomes) EXPECT_EQ(outcome.kind, SendOutcome::Kind::sent) << outcome.message;
  EXPECT_EQ(told, objects.size());
  EXPECT_EQ(node.stored().size(), objects.size());
}

TEST(SendObjects, FindsAPeerByItsName) {
  FakeNode node;
  const RunningServer server(node);  // on 127.0.0.1, while the name may also stand for ::1
  const Peer by_name{server.peer().ae_title, "localhost", server.peer().port};
  EXPECT_EQ(send_objects(by_name, some_slices(1), {}).front().kind, SendOutcome::Kind::sent);
  const Peer nowhere{server.peer().ae_title, "no-such-host.invalid", 104};
  const auto outcome = send_objects(nowhere, some_slices(1), {}).front();
  EXPECT_EQ(outcome.kind, SendOutcome::Kind::transient);
  EXPECT_THAT(outcome.message, testing::HasSubstr("no-such-host.invalid"));
}

TEST(SendObjects, StopsAtOnceWhenAsked) {
  FakeNode node;
  node.on_finish = [](const StoreRequest&) { std::this_thread::sleep_for(std::chrono::milliseconds(50)); };
  const RunningServer server(node);
  std::stop_source stop;
  SendOptions options;
  options.stop = stop.get_token();
  const auto outcomes = send_objects(server.peer(), some_slices(20), options, [&](std::size_t i, const SendOutcome&) {
    if (i == 2) stop.request_stop();
  });
  EXPECT_EQ(outcomes[2].kind, SendOutcome::Kind::sent);
  EXPECT_EQ(outcomes[3].kind, SendOutcome::Kind::transient);
  EXPECT_EQ(outcomes[19].kind, SendOutcome::Kind::transient);
}

}  // namespace
}  // namespace punctum
