#include "node/commitment/committer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "node/delivery/deliverer.hpp"
#include "storage/upkeep.hpp"
#include "tests/unit/node/memory_of_a_node.hpp"

namespace punctum::test {
namespace {

using Kind = SendOutcome::Kind;
using testing::ElementsAre;

const Peer modality{AeTitle::require("MODALITY"), "127.0.0.1", 104};
const Peer archive_peer{AeTitle::require("ARCHIVE"), "127.0.0.1", 105, 1, /*commitment=*/true};
const Uid transaction = Uid::require("1.2.3.9");
const Uid ct_class = Uid::require("1.2.840.10008.5.1.4.1.1.2");

Caller caller(const char* title) { return {AeTitle::require(title), AeTitle::require("PUNCTUM"), "127.0.0.1", 1}; }

struct StorageCommitment : testing::Test {
  MemoryOfANode node;
  std::int64_t now = 1000;
  std::unique_ptr<CommitmentStore> store =
      open_commitment_store(node.folder.path(), /*read_only=*/false, [this] { return now; });
  SendOutcome answer{Kind::sent, 0, ""};
  std::vector<Commitment> reports, requests;
  std::optional<Commitment> answer_at_once;

  Committer committer{
      *node.archive,
      *store,
      {{modality.ae_title, modality}, {archive_peer.ae_title, archive_peer}},
      {[this](const Peer&, const Commitment& report, const std::stop_token&) {
         reports.push_back(report);
         return answer;
       },
       [this](const Peer&, const Commitment& request, const std::stop_token&, const Committer::OnReport& on_report) {
         requests.push_back(request);
         if (answer_at_once) {
           answer_at_once->transaction_uid = request.transaction_uid;
           EXPECT_EQ(on_report(*answer_at_once).code, 0);
         }
         return answer;
       }},
      {}};

  static CommittedObject named(const Part10File& file) { return {file.name.sop_class_uid, file.name.sop_instance_uid}; }
  std::vector<std::uint16_t> reasons() const {
    std::vector<std::uint16_t> all;
    for (const auto& object : reports.at(0).objects) all.push_back(object.failure_reason);
    return all;
  }
  std::filesystem::path file_of(const Part10File& file) const {
    return node.archive->local_path(*node.archive->instance(file.name.sop_instance_uid));
  }
};

TEST_F(StorageCommitment, PromisesWhatIsThereAndNamesWhatIsNot) {
  const auto slice = CtSliceBuilder{}.instance(1).build().file;
  node.receive(slice);
  const auto other_class = Uid::require("1.2.840.10008.5.1.4.1.1.4");
  committer.take_request(caller("MODALITY"), {transaction,
                                              {named(slice),
                                               {slice.name.sop_class_uid, Uid::require("1.2.3.404")},
                                               {other_class, slice.name.sop_instance_uid}}});
  EXPECT_TRUE(committer.report_next());
  EXPECT_THAT(reasons(), ElementsAre(commitment_failure::none, commitment_failure::no_such_object_instance,
                                     commitment_failure::class_instance_conflict));
  EXPECT_FALSE(committer.report_next()) << "answered once";
}

TEST_F(StorageCommitment, DoesNotPromiseAFileThatChangedOnTheDisk) {
  const auto slice = CtSliceBuilder{}.instance(1).build().file;
  node.receive(slice);
  const auto path = file_of(slice);
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(-10, std::ios::end);
  file.write("x", 1);
  file.close();
  committer.take_request(caller("MODALITY"), {transaction, {named(slice)}});
  committer.report_next();
  EXPECT_THAT(reasons(), ElementsAre(commitment_failure::processing_failure));
}

TEST_F(StorageCommitment, TriesForDaysUntilThePeerTakesTheReport) {
  const auto slice = CtSliceBuilder{}.instance(1).build().file;
  node.receive(slice);
  committer.take_request(caller("MODALITY"), {transaction, {named(slice)}});
  answer = {Kind::permanent, 0, "calling AE title not recognized"};
  std::int64_t days = 0;
  for (int tries = 0; tries < 100; ++tries) {
    EXPECT_TRUE(committer.report_next());
    EXPECT_FALSE(committer.report_next()) << "not before its time";
    now += 3'600'000;
    days = now / 86'400'000;
  }
  EXPECT_GE(days, 4);
  answer = {Kind::sent, 0, ""};
  EXPECT_TRUE(committer.report_next());
  now += 86'400'000;
  EXPECT_FALSE(committer.report_next());
  EXPECT_EQ(store->promises(1).at(0).state, PromiseState::answered);
}

TEST_F(StorageCommitment, PromisesNothingThatWentBetweenTwoAttempts) {
  const auto slice = CtSliceBuilder{}.instance(1).build().file;
  node.receive(slice);
  committer.take_request(caller("MODALITY"), {transaction, {named(slice)}});
  answer = {Kind::transient, 0, "away"};
  EXPECT_TRUE(committer.report_next());
  EXPECT_THAT(reasons(), ElementsAre(commitment_failure::none));
  const DeletionRule by_hand{"operator", {}, /*even_undelivered=*/true, {}};
  Upkeep::open(node.folder.path(), /*read_only=*/false)->delete_study(slice.name.study_instance_uid, by_hand);
  reports.clear();
  now += 86'400'000;
  answer = {Kind::sent, 0, ""};
  EXPECT_TRUE(committer.report_next());
  EXPECT_THAT(reasons(), ElementsAre(commitment_failure::no_such_object_instance));
}

TEST_F(StorageCommitment, AnswersAStrangerOnlyWhereItAsked) {
  committer.take_request(caller("STRANGER"), {transaction, {{ct_class, Uid::require("1.2.3.404")}}});
  const auto answer_here = committer.report_here(caller("STRANGER"), transaction);
  ASSERT_TRUE(answer_here.has_value());
  EXPECT_EQ(committer.reason_not_kept(answer_here->objects.at(0)), commitment_failure::no_such_object_instance);
  committer.report_next();
  EXPECT_EQ(store->promises(1).at(0).state, PromiseState::waiting) << "its association may still stand";
  committer.reported_here(caller("STRANGER"), transaction, /*taken=*/true);
  EXPECT_EQ(store->promises(1).at(0).state, PromiseState::answered);
  committer.take_request(caller("MODALITY"), {transaction, {{ct_class, Uid::require("1.2.3.404")}}});
  EXPECT_FALSE(committer.report_here(caller("MODALITY"), transaction).has_value()) << "this one is called";
  EXPECT_TRUE(reports.empty());
}

TEST_F(StorageCommitment, GivesUpAStrangerThatWasGoneBeforeTheAnswer) {
  committer.take_request(caller("STRANGER"), {transaction, {{ct_class, Uid::require("1.2.3.404")}}});
  committer.report_next();
  now += std::int64_t{3600} * 1000;
  committer.report_next();
  EXPECT_EQ(store->promises(1).at(0).state, PromiseState::given_up);
  EXPECT_TRUE(reports.empty());
}

TEST_F(StorageCommitment, AsksAPeerThatOffersItAboutWhatWasDelivered) {
  const auto slice = CtSliceBuilder{}.instance(1).build().file;
  committer.delivered(slice.name, modality);
  EXPECT_EQ(committer.ask_due(), 0u) << "does not offer it";
  committer.delivered(slice.name, archive_peer);
  EXPECT_EQ(committer.ask_due(), 1u);
  EXPECT_EQ(committer.ask_due(), 0u) << "asked, and waiting for the report";
  ASSERT_EQ(requests.size(), 1u);
  const Commitment kept{requests[0].transaction_uid, {named(slice)}};
  EXPECT_FALSE(committer.take_report(modality.ae_title, kept)) << "was not asked";
  EXPECT_TRUE(committer.take_report(archive_peer.ae_title, kept));
  EXPECT_EQ(store->wishes(1).at(0).state, WishState::committed);
}

TEST_F(StorageCommitment, TakesTheReportAlsoOnTheSameAssociation) {
  const auto slice = CtSliceBuilder{}.instance(1).build().file;
  answer_at_once = Commitment{transaction, {named(slice)}};
  committer.delivered(slice.name, archive_peer);
  EXPECT_EQ(committer.ask_due(), 1u);
  EXPECT_EQ(store->wishes(1).at(0).state, WishState::committed);
}

TEST_F(StorageCommitment, GivesUpAPeerThatRefusesTheServiceAndRetriesOneThatIsAway) {
  const auto slice = CtSliceBuilder{}.instance(1).build().file;
  committer.delivered(slice.name, archive_peer);
  answer = {Kind::transient, 0, "no answer"};
  committer.ask_due();
  EXPECT_EQ(store->wishes(1).at(0).state, WishState::waiting);
  now += 60'000;
  answer = {Kind::permanent, 0, "the peer refuses Storage Commitment"};
  EXPECT_EQ(committer.ask_due(), 1u);
  EXPECT_EQ(store->wishes(1).at(0).state, WishState::given_up);
}

TEST_F(StorageCommitment, HearsOfEveryObjectThatADelivererBroughtHome) {
  node.ingest.store_produced(CtSliceBuilder{}.instance(1).build().file);
  Deliverer deliverer(
      *node.archive, *node.stores.deliveries, *node.stores.followers, {archive_peer},
      [](const Peer&, const std::vector<Retrievable>& sent, const std::stop_token&) {
        return std::vector<SendOutcome>(sent.size(), SendOutcome{Kind::sent, 0, ""});
      },
      {}, [this](const SopInstance& name, const Peer& peer) { committer.delivered(name, peer); });
  deliverer.queue_new_results();
  deliverer.send_due();
  EXPECT_EQ(committer.ask_due(), 1u);
}

}  // namespace
}  // namespace punctum::test
