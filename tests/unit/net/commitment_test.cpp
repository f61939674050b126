#include "dicom/net/commitment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "dicom/net/association.hpp"
#include "dicom/net/commitment_messages.hpp"
#include "dicom/net/identifier.hpp"
#include "dicom/types/error.hpp"
#include "dicom/types/sop_classes.hpp"
#include "tests/unit/net/fake_node.hpp"
#include "tests/unit/net/raw_peer.hpp"

namespace punctum {
namespace {

using Kind = SendOutcome::Kind;
using test::FakeNode;

const Uid ct_storage = Uid::require(sop_class::ct_image_storage);
const Commitment two{Uid::require("1.2.9"),
                     {{ct_storage, Uid::require("1.2.3.1")},
                      {ct_storage, Uid::require("1.2.3.2"), commitment_failure::no_such_object_instance}}};

class BothSyntaxes : public testing::TestWithParam<std::string_view> {};

TEST_P(BothSyntaxes, CommitmentComesBackAsItWasWritten) {
  const auto decoded = decode_commitment(encode_commitment(two, GetParam()), GetParam());
  EXPECT_EQ(decoded.transaction_uid, two.transaction_uid);
  EXPECT_EQ(decoded.objects, two.objects);
}

INSTANTIATE_TEST_SUITE_P(Syntaxes, BothSyntaxes,
                         testing::Values(transfer_syntax::implicit_vr_little_endian,
                                         transfer_syntax::explicit_vr_little_endian));

TEST(CommitmentDataSet, RefusesWhatNamesNothing) {
  const auto syntax = transfer_syntax::explicit_vr_little_endian;
  EXPECT_THROW(decode_commitment({}, syntax), DicomError);
  EXPECT_THROW(decode_commitment(encode_commitment({Uid::require("1.2"), {}}, syntax), syntax), DicomError);
}

Identifier report_item(const char* instance, const char* reason) {
  Identifier item{{0x0008, 0x1150, "UI", ct_storage.str()}, {0x0008, 0x1155, "UI", instance}};
  if (reason != nullptr)
    item.push_back({0x0008, 0x1197, "UL", reason});  // not the standard's US, so that it holds more
  return item;
}

TEST(CommitmentDataSet, WhatStandsAmongTheFailedIsNeverKept) {
  const auto syntax = transfer_syntax::explicit_vr_little_endian;
  for (const auto* const reason : {"0", "65536", "4294967295", static_cast<const char*>(nullptr)}) {
    IdentifierElement failed{0x0008, 0x1198, "SQ", ""}, kept{0x0008, 0x1199, "SQ", ""};
    failed.items = {report_item("1.2.3.1", reason)};
    kept.items = {report_item("1.2.3.1", nullptr), report_item("1.2.3.2", nullptr)};
    const auto bytes = encode_elements({{0x0008, 0x1195, "UI", "1.2.9"}, failed, kept}, syntax);
    const auto report = decode_commitment(bytes, syntax);
    ASSERT_EQ(report.objects.size(), 2U);
    EXPECT_EQ(report.objects[0], (CommittedObject{ct_storage, Uid::require("1.2.3.2")}));
    EXPECT_EQ(report.objects[1].sop_instance_uid.str(), "1.2.3.1");
    EXPECT_NE(report.objects[1].failure_reason, commitment_failure::none);
  }
}

/// A node that offers Storage Commitment, in memory.
struct CommittingNode {
  Services services() {
    auto all = node.services();
    all.request_commitment = [this](const Caller&, const Commitment& commitment) {
      const std::lock_guard lock(mutex);
      if (full) throw OutOfResources("cannot take the request: no room");
      asked.push_back(commitment);
    };
    all.report_here = [this](const Caller&, const Uid&) -> std::optional<Commitment> {
      if (answers_here) return two;
      return std::nullopt;
    };
    all.reason_not_kept = [this](const CommittedObject& object) {
      if (reading_back) reading_back();
      return object.failure_reason;
    };
    all.reported_here = [this](const Caller&, const Uid&, bool taken) {
      was_taken = taken;
      ++answered;
    };
    all.take_report = [this](const Caller&, const Commitment& report) {
      const std::lock_guard lock(mutex);
      reported.push_back(report);
      return knows_transaction;
    };
    return all;
  }
  FakeNode node;
  std::mutex mutex;
  bool full = false, answers_here = false, knows_transaction = true;
  std::function<void()> reading_back;
  std::atomic<bool> was_taken = false;
  std::atomic<int> answered = 0;
  std::vector<Commitment> asked, reported;
};

struct CommitmentMessages : testing::Test {
  CommittingNode node;
  ScpServer server{{}, node.services()};
  Peer peer() { return {AeTitle::require("PUNCTUM"), "127.0.0.1", server.port()}; }
  void SetUp() override { server.start(); }

  std::vector<Commitment> heard;
  SendOutcome ask() {
    return request_commitment(peer(), two, {}, std::chrono::seconds(5), [this](const Commitment& report) {
      heard.push_back(report);
      return DimseStatus{};
    });
  }
};

TEST_F(CommitmentMessages, ARequestIsTakenBeforeItIsAnswered) {
  SendOptions options;
  const auto outcome = request_commitment(peer(), two, options, std::chrono::milliseconds(0), {});
  EXPECT_EQ(outcome.kind, Kind::sent) << outcome.message;
  ASSERT_EQ(node.asked.size(), 1u);
  EXPECT_EQ(node.asked[0].transaction_uid, two.transaction_uid);
  EXPECT_EQ(node.asked[0].objects.size(), 2u);
}

TEST_F(CommitmentMessages, ARequestThatCannotBeKeptIsNotTaken) {
  node.full = true;
  const auto outcome = ask();
  EXPECT_EQ(outcome.kind, Kind::transient);
  EXPECT_EQ(outcome.status, status::resource_limitation);
}

TEST_F(CommitmentMessages, AReportMayComeOnTheAssociationOfTheRequest) {
  node.answers_here = true;
  EXPECT_EQ(ask().kind, Kind::sent);
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(heard[0].objects, two.objects);
  server.stop();
  EXPECT_TRUE(node.was_taken);
}

/// Asks on one association, and does other things there while it is owed a report or has one to answer.
class Requestor {
 public:
  explicit Requestor(const Peer& peer)
      : association_(
            Association::request({AeTitle::require("RAW"),
                                  peer,
                                  {proposal(1, sop_class::storage_commitment_push),
                                   proposal(3, sop_class::verification), proposal(5, sop_class::study_root_find)}})) {}

  void ask(const char* transaction_uid) {
    association_.send(1, commitment_action_rq(7),
                      encode_commitment({Uid::require(transaction_uid), two.objects}, syntax));
  }
  void echo() { association_.send(3, request(command::c_echo_rq, sop_class::verification)); }
  void find() {
    association_.send(5, request(command::c_find_rq, sop_class::study_root_find),
                      test::bytes_of_text(std::string_view("\x08\0\x52\0CS\x06\0STUDY ", 14)));
  }
  void answer_report() { answer(report_id_); }
  void answer(std::uint16_t message_id) {
    CommandSet response;
    response.set(command_element::command_field, command::n_event_report_rq | command::response)
        .set(command_element::message_id_being_responded_to, message_id)
        .set(command_element::status, 0);
    association_.send(1, std::move(response));
  }
  /// The command field of the next message, which is read to its end.
  std::uint16_t next() {
    const auto command = association_.read_command();
    if (command.set.has_data_set()) (void)association_.read_data_set(command.context_id, std::size_t{1} << 20);
    if (command.set.field() == command::n_event_report_rq) {
      report_id_ = command.set.number(command_element::message_id).value_or(0);
    }
    return command.set.field();
  }
  std::uint16_t report_id() const { return report_id_; }
  void release() { association_.release(); }

 private:
  static constexpr std::string_view syntax = transfer_syntax::explicit_vr_little_endian;
  static ProposedContext proposal(std::uint8_t id, std::string_view service) {
    return {id, std::string(service), {std::string(syntax)}, false};
  }
  static CommandSet request(std::uint16_t field, std::string_view sop_class) {
    CommandSet command;
    command.set(command_element::command_field, field)
        .set(command_element::message_id, 9)
        .set(command_element::priority, 0)
        .set_uid(command_element::affected_sop_class_uid, sop_class);
    return command;
  }
  Association association_;
  std::uint16_t report_id_ = 1;
};

constexpr auto action_rsp = command::n_action_rq | command::response, echo_rsp = command::c_echo_rq | command::response,
               find_rsp = command::c_find_rq | command::response;

TEST_F(CommitmentMessages, BetweenAReportAndItsAnswerThePeerMayAskForOtherThings) {
  node.answers_here = true;
  Requestor peer(this->peer());
  peer.ask("1.2.9.1");
  EXPECT_EQ(peer.next(), action_rsp);
  EXPECT_EQ(peer.next(), command::n_event_report_rq);
  peer.echo();
  EXPECT_EQ(peer.next(), echo_rsp);
  peer.ask("1.2.9.2");
  EXPECT_EQ(peer.next(), action_rsp);
  peer.echo();
  EXPECT_EQ(peer.next(), echo_rsp) << "the second report waits for the answer to the first";
  peer.answer_report();
  EXPECT_EQ(peer.next(), command::n_event_report_rq);
  peer.answer_report();
  peer.echo();
  EXPECT_EQ(peer.next(), echo_rsp);
  peer.release();
  server.stop();
  EXPECT_EQ(node.answered, 2);
  EXPECT_TRUE(node.was_taken);
}

TEST_F(CommitmentMessages, TheAnswerToAReportMayComeDuringASearch) {
  node.answers_here = true;
  node.node.on_find = [this](auto&, auto&, const Interruption& interruption) {
    for (int i = 0; i < 10'000 && !node.was_taken; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      if (interruption.disturbed() && !interruption.goes_on()) return;
    }
  };
  Requestor peer(this->peer());
  peer.ask("1.2.9.1");
  EXPECT_EQ(peer.next(), action_rsp);
  EXPECT_EQ(peer.next(), command::n_event_report_rq);
  peer.find();
  peer.answer_report();
  EXPECT_EQ(peer.next(), find_rsp);
  EXPECT_TRUE(node.was_taken);
}

TEST_F(CommitmentMessages, AnAnswerToNoReportBreaksTheProtocol) {
  Requestor peer(this->peer());
  peer.answer_report();
  EXPECT_THROW(peer.next(), NetworkError);
}

TEST_F(CommitmentMessages, AnAnswerToAnotherReportBreaksTheProtocol) {
  node.answers_here = true;
  Requestor peer(this->peer());
  peer.ask("1.2.9.1");
  EXPECT_EQ(peer.next(), action_rsp);
  EXPECT_EQ(peer.next(), command::n_event_report_rq);
  peer.answer(static_cast<std::uint16_t>(peer.report_id() + 1));
  EXPECT_THROW(peer.next(), NetworkError);
  EXPECT_FALSE(node.was_taken);
}

TEST_F(CommitmentMessages, APeerIsServedWhileItsObjectsAreReadBackAndNoneIsReadTwice) {
  node.answers_here = true;
  std::atomic<int> read = 0;
  std::atomic<bool> spoken = false;
  node.reading_back = [&] {  // the first one until the peer has said something, ten seconds at most
    for (int i = 0; read == 0 && i < 10'000 && !spoken; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ++read;
  };
  Requestor peer(this->peer());
  peer.ask("1.2.9.1");
  EXPECT_EQ(peer.next(), action_rsp);
  peer.echo();
  spoken = true;
  EXPECT_EQ(peer.next(), echo_rsp);
  EXPECT_EQ(peer.next(), command::n_event_report_rq);
  peer.answer_report();
  peer.release();
  server.stop();
  EXPECT_EQ(read, 2);
  EXPECT_TRUE(node.was_taken);
}

TEST_F(CommitmentMessages, AReportComesOnAnAssociationWithRolesReversed) {
  const auto outcome = report_commitment(peer(), two, {});
  EXPECT_EQ(outcome.kind, Kind::sent) << outcome.message;
  ASSERT_EQ(node.reported.size(), 1u);
  EXPECT_EQ(node.reported[0].objects, two.objects);
}

TEST_F(CommitmentMessages, AReportThatNobodyAskedForIsRefused) {
  node.knows_transaction = false;
  const auto outcome = report_commitment(peer(), two, {});
  EXPECT_EQ(outcome.kind, Kind::permanent);
  EXPECT_EQ(outcome.status, status::invalid_argument_value);
}

TEST(CommitmentService, IsRefusedWhereItIsNotOffered) {
  FakeNode node;
  const test::RunningServer server(node);
  EXPECT_EQ(report_commitment(server.peer(), two, {}).kind, Kind::permanent);
}

struct WrongAction {
  const char* name;
  std::uint16_t element, number;
  const char* uid;
  std::uint16_t expected;
};
class Wrong : public CommitmentMessages, public testing::WithParamInterface<WrongAction> {};

TEST_P(Wrong, ActionIsRefusedByItsFault) {
  auto association = Association::request({AeTitle::require("RAW"),
                                           peer(),
                                           {{1,
                                             std::string(sop_class::storage_commitment_push),
                                             {std::string(transfer_syntax::explicit_vr_little_endian)},
                                             false}}});
  CommandSet request;
  request.set(command_element::command_field, command::n_action_rq)
      .set(command_element::message_id, 7)
      .set(command_element::action_type_id, 1)
      .set_uid(command_element::requested_sop_class_uid, sop_class::storage_commitment_push)
      .set_uid(command_element::requested_sop_instance_uid, sop_class::storage_commitment_push_instance);
  if (GetParam().uid != nullptr) {
    request.set_uid(GetParam().element, GetParam().uid);
  } else {
    request.set(GetParam().element, GetParam().number);
  }
  association.send(1, std::move(request), encode_commitment(two, transfer_syntax::explicit_vr_little_endian));
  const auto response = association.read_command();
  EXPECT_EQ(response.set.field(), command::n_action_rq | command::response);
  EXPECT_EQ(response.set.number(command_element::status), GetParam().expected);
  EXPECT_TRUE(node.asked.empty());
}

INSTANTIATE_TEST_SUITE_P(Faults, Wrong,
                         testing::Values(WrongAction{"Instance", command_element::requested_sop_instance_uid, 0,
                                                     "1.2.3", 0x0112},
                                         WrongAction{"Type", command_element::action_type_id, 2, nullptr, 0x0123}),
                         [](const auto& fault) { return fault.param.name; });

}  // namespace
}  // namespace punctum
