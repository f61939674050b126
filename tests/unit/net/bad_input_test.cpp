// What strangers may send. Nothing of it may disturb a healthy association beside it.
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "dicom/net/scp_server.hpp"
#include "tests/unit/net/fake_node.hpp"
#include "tests/unit/net/raw_peer.hpp"

namespace punctum {
namespace {

using test::associate_rq;
using test::bytes_of_text;
using test::FakeNode;
using test::joined;
using test::p_data;
using test::pdu_of;
using test::RawPeer;
using test::RunningServer;

constexpr auto ct_storage = "1.2.840.10008.5.1.4.1.1.2";

CommandSet store_request(std::string_view instance = "1.2.3.4", std::string_view sop_class = ct_storage) {
  auto command = test::request_of(command::c_store_rq, sop_class);
  command.set_uid(command_element::affected_sop_instance_uid, instance);
  return command;
}

Bytes command_pdu(const CommandSet& command, std::uint8_t context = 3) {
  return p_data(context, /*is_command=*/true, /*is_last=*/true, command.encode());
}
Bytes data_pdu(std::string_view text, std::uint8_t context = 3, bool last = true) {
  return p_data(context, /*is_command=*/false, last, bytes_of_text(text));
}
Bytes raw(std::initializer_list<int> values) {
  Bytes bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

/// A server and, beside every test, an association that must go on working.
class BadInput : public testing::Test {
 protected:
  BadInput() { healthy_works_ = healthy_.associate() && healthy_.echo(); }
  void SetUp() override { ASSERT_TRUE(healthy_works_); }
  void TearDown() override { EXPECT_TRUE(healthy_.echo()) << "the association beside it suffered"; }

  /// The server's last word to an association that sent this: the type of the last PDU before it closes.
  std::optional<std::byte> last_word_after(const Bytes& stream) {
    RawPeer peer(server_.server.port());
    if (!peer.associate()) return std::nullopt;
    peer.send(stream);
    std::optional<std::byte> last;
    while (const auto pdu = peer.receive_pdu()) last = (*pdu)[0];
    return last;
  }
  void expect_abort(const char* what, const Bytes& stream) {
    EXPECT_EQ(last_word_after(stream), std::byte{0x07}) << what;
  }
  /// The status answered to this message; the association must live on.
  std::optional<std::uint16_t> status_after(const Bytes& message) {
    RawPeer peer(server_.server.port());
    if (!peer.associate()) return std::nullopt;
    peer.send(message);
    const auto response = peer.receive_command();
    EXPECT_TRUE(peer.echo()) << "the association did not survive";
    return response ? response->number(command_element::status) : std::nullopt;
  }

  FakeNode node_;
  RunningServer server_{node_};
  RawPeer healthy_{server_.server.port()};
  bool healthy_works_ = false;
};

TEST_F(BadInput, BeforeAnAssociationEndsTheConnection) {
  const auto good = associate_rq({{1, "1.2.840.10008.1.1", {"1.2.840.10008.1.2"}}});
  std::vector<Bytes> streams = {
      bytes_of_text("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
      raw({0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3}),  // TLS client hello
      raw({0, 0, 0, 0, 0, 0}),
      raw({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}),
      pdu_of(0x01, {}, 0xffffffff),  // 4 GiB request
      pdu_of(0x01, {}),              // empty request
      pdu_of(0x01, Bytes(68)),       // nothing but zeros
      pdu_of(0x01, Bytes(4000, std::byte{0xff})),
      command_pdu(store_request()),  // P-DATA first
      pdu_of(0x05, Bytes(4)),
      pdu_of(0x07, Bytes(4)),
      pdu_of(0x02, Bytes(200)),
      associate_rq({{1, "1.2.840.10008.1.1", {}}}),
      associate_rq({{1, std::string(500, '1'), {std::string(500, '2')}}}),
      associate_rq({}, "PUNCTUM", "RAW", "1.2.3"),
  };
  for (std::size_t size = 7; size < good.size(); size += 5) {  // a request with every kind of early end inside
    const Bytes body(good.begin() + 6, good.begin() + static_cast<std::ptrdiff_t>(size));
    streams.push_back(pdu_of(0x01, body));
  }
  for (const auto& stream : streams) {
    RawPeer peer(server_.server.port());
    peer.send(stream);
    peer.finish_sending();
    while (peer.receive_pdu()) continue;
    ASSERT_TRUE(healthy_.echo());
  }
}

TEST_F(BadInput, WrongNegotiationIsRejectedForGood) {
  const auto rejection = [&](const Bytes& request) {
    RawPeer peer(server_.server.port());
    peer.send(request);
    const auto answer = peer.receive_pdu();
    return answer ? Bytes(answer->begin() + 7, answer->end()) : Bytes{};
  };
  const std::vector<test::RawContext> contexts = {{1, "1.2.840.10008.1.1", {"1.2.840.10008.1.2"}}};
  EXPECT_EQ(rejection(associate_rq(contexts, "PUNCTUM", "RAW", "1.2.3")), raw({1, 1, 2}));
  EXPECT_EQ(rejection(associate_rq(contexts, "PUNCTUM", "")), raw({1, 1, 3}));
  EXPECT_EQ(rejection(associate_rq(contexts, "", "RAW")), raw({1, 1, 7}));
}

TEST_F(BadInput, ABrokenRequestIsAborted) {
  const auto good = associate_rq({{1, "1.2.840.10008.1.1", {"1.2.840.10008.1.2"}}});
  std::vector<test::RawContext> too_many;
  for (int i = 0; i < 129; ++i)
    too_many.push_back({static_cast<std::uint8_t>(2 * i + 1), "1.2.3", {"1.2.840.10008.1.2"}});
  const std::vector<std::string> syntaxes(129, "1.2.840.10008.1.2");
  for (const auto& request :
       {pdu_of(0x01, ByteView(good).subspan(6, good.size() - 7)), pdu_of(0x01, Bytes(20)), associate_rq(too_many),
        associate_rq({{1, "1.2.3", syntaxes}}), associate_rq({{1, "1.2.3", {}}}), associate_rq({{1, "1.2.3", {""}}}),
        associate_rq({{1, "1.2.3", {std::string("\0.2.3", 5)}}}),
        associate_rq({{1, std::string(65, '1'), {"1.2.840.10008.1.2"}}})}) {
    RawPeer peer(server_.server.port());
    peer.send(request);
    const auto answer = peer.receive_pdu();
    ASSERT_TRUE(answer);
    EXPECT_EQ((*answer)[0], std::byte{0x07});
  }
}

TEST_F(BadInput, BrokenPdusAbortTheAssociation) {
  const auto whole = command_pdu(store_request());
  auto lying = whole;
  lying[9] = std::byte{0xff};  // PDV longer than its PDU
  auto enormous = whole;
  for (std::size_t i = 6; i < 10; ++i) enormous[i] = std::byte{0xff};
  expect_abort("unknown PDU type", pdu_of(0x77, Bytes(10)));
  expect_abort("PDU beyond the agreed length", pdu_of(0x04, {}, 0x7fffffff));
  expect_abort("P-DATA without a value", pdu_of(0x04, {}));
  expect_abort("PDV length 0", pdu_of(0x04, Bytes(4)));
  expect_abort("PDV length 1", pdu_of(0x04, raw({0, 0, 0, 1, 1})));
  expect_abort("PDV that lies", lying);
  expect_abort("PDV of 4 GiB", enormous);
  expect_abort("half a PDV", pdu_of(0x04, raw({0, 0})));
  expect_abort("second association request", associate_rq({}));
  expect_abort("association reply", pdu_of(0x02, Bytes(100)));
  expect_abort("release reply", pdu_of(0x06, Bytes(4)));
}

TEST_F(BadInput, MessagesOutOfPlaceAbortTheAssociation) {
  CommandSet no_field = store_request(), no_id, response;
  no_id.set(command_element::command_field, command::c_echo_rq).set(command_element::command_data_set_type, 0x0101);
  response.set(command_element::command_field, command::c_store_rq | command::response)
      .set(command_element::message_id, 1)
      .set(command_element::command_data_set_type, 0x0101);
  expect_abort("data set first", data_pdu("xx"));
  expect_abort("context that was not accepted", command_pdu(store_request(), 9));
  expect_abort("even context", command_pdu(store_request(), 2));
  expect_abort("no message ID", command_pdu(no_id, 1));
  expect_abort("response to nothing", command_pdu(response));
  expect_abort("data set in another context", joined({command_pdu(store_request()), data_pdu("xx", 5)}));
  expect_abort("command in a data set",
               joined({command_pdu(store_request()), data_pdu("xx", 3, false), command_pdu(store_request())}));
  expect_abort("command set of garbage", p_data(3, true, true, Bytes(100, std::byte{0xff})));
  expect_abort("command set cut short", p_data(3, true, true, raw({0, 0, 0, 1, 2, 0, 0})));
  expect_abort("empty command set", p_data(3, true, true, {}));
  Bytes endless;
  for (int i = 0; i < 40; ++i) endless = joined({endless, p_data(3, true, false, Bytes(4096))});
  expect_abort("command set without end", endless);
}

TEST_F(BadInput, MistakenStoresGetAStatusAndTheAssociationLives) {
  const auto data = data_pdu("the data set, in no known form");
  const auto answered = [&](const CommandSet& command) { return status_after(joined({command_pdu(command), data})); };
  EXPECT_EQ(answered(store_request("../../../etc/passwd")), 0x0117);
  EXPECT_EQ(answered(store_request("1.2.3/../4")), 0x0117);
  EXPECT_EQ(answered(store_request("1..2")), 0x0117);
  EXPECT_EQ(answered(store_request(std::string(65, '1'))), 0x0117);
  EXPECT_EQ(answered(store_request("1.2.3", "1.2.840.10008.5.1.4.1.1.4")), 0x0122);
  EXPECT_EQ(answered(store_request("")), 0x0212);
  EXPECT_EQ(answered(store_request("1.2.3", "")), 0x0212);
  auto without_data = store_request();
  without_data.set(command_element::command_data_set_type, 0x0101);
  EXPECT_EQ(status_after(command_pdu(without_data)), 0x0212);
  EXPECT_TRUE(node_.stored().empty());
}

TEST_F(BadInput, UnknownOperationsAreAnswered) {
  auto n_action = store_request();
  n_action.set(command_element::command_field, 0x0130);
  EXPECT_EQ(status_after(joined({command_pdu(n_action), data_pdu("xx")})), 0x0211);
  auto find_on_storage = store_request();
  find_on_storage.set(command_element::command_field, command::c_find_rq);
  EXPECT_EQ(status_after(joined({command_pdu(find_on_storage), data_pdu("xx")})), 0x0122);
}

TEST_F(BadInput, IdentifiersThatCannotBeReadAreA900) {
  auto find = store_request("1.2.3", "1.2.840.10008.5.1.4.1.2.2.1");
  find.set(command_element::command_field, command::c_find_rq);
  const auto answered = [&](std::string_view identifier) {
    return status_after(joined({command_pdu(find, 5), data_pdu(identifier, 5)}));
  };
  EXPECT_EQ(answered("garbage that is no data set"), 0xa900);
  EXPECT_EQ(answered(""), 0xa900);                                                    // no level
  EXPECT_EQ(answered(std::string_view("\x08\0\x52\0CS\x08\0PATIENT ", 16)), 0xa900);  // not in the Study Root
}

TEST_F(BadInput, APeerThatVanishesLeavesNothingStored) {
  {
    RawPeer peer(server_.server.port());
    ASSERT_TRUE(peer.associate());
    peer.send(joined({command_pdu(store_request()), data_pdu("half of it", 3, false)}));
  }
  EXPECT_TRUE(healthy_.echo());
  EXPECT_TRUE(node_.stored().empty());
}

TEST_F(BadInput, MutatedStreamsNeverDisturbOthers) {
  std::mt19937 random(20261124);
  const auto good = joined({command_pdu(store_request()), data_pdu(std::string(200, 'd'), 3, false), data_pdu("end"),
                            pdu_of(0x05, Bytes(4))});
  const auto request =
      associate_rq({{1, "1.2.840.10008.1.1", {"1.2.840.10008.1.2"}}, {3, ct_storage, {"1.2.840.10008.1.2.1"}}});
  for (int i = 0; i < 200; ++i) {
    auto stream = i % 2 == 0 ? good : joined({request, good});
    for (int change = 0; change < 1 + i % 4; ++change)
      stream[random() % stream.size()] = static_cast<std::byte>(random());
    if (i % 5 == 0) stream.resize(random() % stream.size());
    RawPeer peer(server_.server.port());
    if (i % 2 == 0) {
      ASSERT_TRUE(peer.associate());
    }
    peer.send(stream);
    peer.finish_sending();
    while (peer.receive_pdu()) continue;
    if (i % 20 == 0) {
      ASSERT_TRUE(healthy_.echo());
    }
  }
}

}  // namespace
}  // namespace punctum
