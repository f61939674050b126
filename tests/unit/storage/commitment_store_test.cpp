#include "storage/commitment_store.hpp"

#include <gmock/gmock.h>

#include "dicom/types/error.hpp"
#include "storage/work_stores.hpp"
#include "tests/unit/storage/storage_fixture.hpp"

namespace punctum::test {
namespace {

using std::chrono::milliseconds;
using testing::IsEmpty;
using testing::SizeIs;

const Uid ct = Uid::require("1.2.840.10008.5.1.4.1.1.2");

class CommitmentStoreTest : public testing::Test {
 protected:
  CommitmentStoreTest() : archive_(Archive::open(options_for(folder_))), store_(open()) {}
  std::unique_ptr<CommitmentStore> open() {
    return open_commitment_store(options_for(folder_).data_dir, false, [this] { return now_; });
  }
  static Commitment two_objects(const std::string& transaction) {
    return {uid(transaction), {{ct, uid("3.1")}, {ct, uid("3.2")}}};
  }
  std::vector<WishState> states() const {
    std::vector<WishState> all;
    for (const auto& wish : store_->wishes(10)) all.push_back(wish.state);
    return all;
  }

  TempFolder folder_;
  std::int64_t now_ = 1000;
  std::unique_ptr<Archive> archive_;
  std::unique_ptr<CommitmentStore> store_;
};

TEST_F(CommitmentStoreTest, KeepsWhatWasAskedOverARestart) {
  store_->add("MODALITY", two_objects("9.1"));
  store_.reset();
  store_ = open();
  const auto promise = store_->due();
  ASSERT_TRUE(promise.has_value());
  EXPECT_EQ(promise->peer, "MODALITY");
  EXPECT_EQ(promise->commitment.transaction_uid, uid("9.1"));
  EXPECT_EQ(promise->commitment.objects, two_objects("9.1").objects);
}

TEST_F(CommitmentStoreTest, TriesAgainWhenItIsTime) {
  store_->add("MODALITY", two_objects("9.1"));
  store_->retry(store_->due()->id, "nobody there", milliseconds(500));
  EXPECT_FALSE(store_->due().has_value());
  now_ += 500;
  const auto promise = store_->due();
  ASSERT_TRUE(promise.has_value());
  EXPECT_EQ(promise->attempts, 1);
  store_->answered(promise->id);
  EXPECT_FALSE(store_->due().has_value());
  EXPECT_EQ(store_->promises(10).at(0).state, PromiseState::answered);
}

TEST_F(CommitmentStoreTest, AnswersATransactionAgainThatIsAskedAgain) {
  store_->add("MODALITY", two_objects("9.1"));
  store_->answered(store_->due()->id);
  store_->add("MODALITY", two_objects("9.1"));
  EXPECT_TRUE(store_->due().has_value());
  EXPECT_THAT(store_->promises(10), SizeIs(1));
  store_->add("OTHER", two_objects("9.1"));
  EXPECT_THAT(store_->promises(10), SizeIs(2)) << "another peer's transaction is another one";
}

TEST_F(CommitmentStoreTest, ATransactionInUseIsNotTakenForOtherObjects) {
  store_->add("MODALITY", two_objects("9.1"));
  auto other = two_objects("9.1");
  other.objects.pop_back();
  EXPECT_THROW(store_->add("MODALITY", other), DicomError);
  EXPECT_EQ(store_->due()->commitment.objects, two_objects("9.1").objects);
  EXPECT_NO_THROW(store_->add("ELSEWHERE", other)) << "each peer makes UIDs of its own";
  store_->answered(store_->due()->id);
  EXPECT_NO_THROW(store_->add("MODALITY", other));
}

TEST_F(CommitmentStoreTest, ForgetsWhatWasSettledAMonthAgo) {
  store_->add("MODALITY", two_objects("9.1"));
  store_->add("MODALITY", two_objects("9.2"));
  store_->answered(store_->find("MODALITY", uid("9.1"))->id);
  now_ += std::int64_t{31} * 24 * 3600 * 1000;
  store_->add("MODALITY", two_objects("9.3"));
  EXPECT_FALSE(store_->find("MODALITY", uid("9.1")).has_value());
  EXPECT_TRUE(store_->find("MODALITY", uid("9.2")).has_value()) << "it still waits for its answer";
}

TEST_F(CommitmentStoreTest, GivingUpDoesNotUndoAnAnswer) {
  store_->add("STRANGER", two_objects("9.1"));
  const auto id = store_->due()->id;
  store_->answered(id);
  store_->give_up(id, "cannot be called");
  EXPECT_EQ(store_->promises(1).at(0).state, PromiseState::answered);
}

TEST_F(CommitmentStoreTest, AsksOnceAndAgainWhenNoAnswerCame) {
  for (const auto& object : two_objects("9.1").objects) store_->wish(object, "ARCHIVE");
  ASSERT_THAT(store_->due_wishes("ARCHIVE", 10), SizeIs(2));
  EXPECT_THAT(store_->due_wishes("OTHER", 10), IsEmpty());
  store_->asked("ARCHIVE", two_objects("9.1"), milliseconds(100));
  EXPECT_THAT(store_->due_wishes("ARCHIVE", 10), IsEmpty());
  now_ += 100;
  EXPECT_THAT(store_->due_wishes("ARCHIVE", 10), SizeIs(2));
}

TEST_F(CommitmentStoreTest, SettlesOnlyWhatWasAskedOfThatPeer) {
  for (const auto& object : two_objects("9.1").objects) store_->wish(object, "ARCHIVE");
  store_->asked("ARCHIVE", two_objects("9.1"), milliseconds(100));
  EXPECT_FALSE(store_->settle("ARCHIVE", two_objects("9.2"), 3));
  EXPECT_FALSE(store_->settle("STRANGER", two_objects("9.1"), 3));
  EXPECT_TRUE(store_->settle("ARCHIVE", two_objects("9.1"), 3));
  EXPECT_THAT(states(), testing::Each(WishState::committed));
  now_ += 100;
  EXPECT_THAT(store_->due_wishes("ARCHIVE", 10), IsEmpty());
}

TEST_F(CommitmentStoreTest, DeliversAgainWhatThePeerDoesNotKeep) {
  const auto stores = open_work_stores(options_for(folder_).data_dir, false, [this] { return now_; });
  const CommittedObject object{ct, uid("3.1")};
  stores.deliveries->add(object.sop_instance_uid, "ARCHIVE");
  Commitment refusal{uid("9.1"), {{ct, uid("3.1"), commitment_failure::no_such_object_instance}}};
  for (int round = 1; round <= 3; ++round) {
    const auto claimed = stores.deliveries->claim("deliver", "ARCHIVE", 10, milliseconds(1000));
    EXPECT_THAT(claimed, SizeIs(round <= 2 ? 1 : 0)) << round;
    if (claimed.empty()) break;
    stores.deliveries->sent(claimed[0].id);
    store_->wish(object, "ARCHIVE");
    store_->asked("ARCHIVE", refusal, milliseconds(100));
    EXPECT_TRUE(store_->settle("ARCHIVE", refusal, 1));
  }
  EXPECT_THAT(states(), testing::ElementsAre(WishState::refused));
}

TEST_F(CommitmentStoreTest, DeliversAgainHoweverOftenItHadToAsk) {
  const auto stores = open_work_stores(options_for(folder_).data_dir, false, [this] { return now_; });
  const CommittedObject object{ct, uid("3.1")};
  stores.deliveries->add(object.sop_instance_uid, "ARCHIVE");
  stores.deliveries->sent(stores.deliveries->claim("deliver", "ARCHIVE", 10, milliseconds(1000)).at(0).id);
  store_->wish(object, "ARCHIVE");
  const Commitment refusal{uid("9.1"), {{ct, uid("3.1"), commitment_failure::no_such_object_instance}}};
  for (int i = 0; i < 4; ++i) {
    store_->asked("ARCHIVE", refusal, milliseconds(100));
    store_->not_asked(uid("9.1"), "nobody there", milliseconds(1), 10);
  }
  store_->asked("ARCHIVE", refusal, milliseconds(100));
  EXPECT_TRUE(store_->settle("ARCHIVE", refusal, 3));
  EXPECT_THAT(stores.deliveries->claim("deliver", "ARCHIVE", 10, milliseconds(1000)), SizeIs(1));
}

TEST_F(CommitmentStoreTest, GivesUpOnlyWhatHasWaitedLong) {
  const CommittedObject old{ct, uid("3.1")}, fresh{ct, uid("3.2")};
  store_->wish(old, "ARCHIVE");
  store_->asked("ARCHIVE", {uid("9.1"), {old}}, milliseconds(1));
  store_->not_asked(uid("9.1"), "nobody there", milliseconds(1), 2);
  store_->wish(fresh, "ARCHIVE");
  store_->asked("ARCHIVE", {uid("9.2"), {old, fresh}}, milliseconds(1));
  store_->not_asked(uid("9.2"), "nobody there", milliseconds(1), 2);
  now_ += 10;
  const auto due = store_->due_wishes("ARCHIVE", 10);
  ASSERT_THAT(due, SizeIs(1));
  EXPECT_EQ(due[0].object.sop_instance_uid, fresh.sop_instance_uid);
}

TEST_F(CommitmentStoreTest, APromiseThatWasAnsweredMeanwhileStaysAnswered) {
  store_->add("MODALITY", two_objects("9.1"));
  const auto id = store_->due()->id;
  store_->answered(id);
  store_->retry(id, "nobody there", milliseconds(1));
  EXPECT_EQ(store_->promises(10).at(0).state, PromiseState::answered);
}

TEST_F(CommitmentStoreTest, WaitsAfterARequestThatDidNotGetThrough) {
  store_->wish({ct, uid("3.1")}, "ARCHIVE");
  const Commitment commitment{uid("9.1"), {{ct, uid("3.1")}}};
  store_->asked("ARCHIVE", commitment, milliseconds(100000));
  store_->not_asked(uid("9.1"), "no answer", milliseconds(50), 10);
  EXPECT_THAT(store_->due_wishes("ARCHIVE", 10), IsEmpty());
  now_ += 50;
  ASSERT_THAT(store_->due_wishes("ARCHIVE", 10), SizeIs(1));
  EXPECT_EQ(store_->due_wishes("ARCHIVE", 10)[0].attempts, 1);
  store_->asked("ARCHIVE", commitment, milliseconds(1));
  store_->give_up_wishes(uid("9.1"), "refused");
  now_ += 1000;
  EXPECT_THAT(store_->due_wishes("ARCHIVE", 10), IsEmpty());
}

}  // namespace
}  // namespace punctum::test
