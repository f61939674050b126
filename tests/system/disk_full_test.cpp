// A running node whose disk fills up and is emptied again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <thread>

#include "dicom/net/store_scu.hpp"
#include "storage/event_store.hpp"
#include "tests/support/dcmtk_environment.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/system/torture.hpp"
#include "tests/unit/net/raw_peer.hpp"

namespace punctum::test {
namespace {

constexpr int low_water_mib = 100;

class DiskFull : public testing::Test {
 protected:
  void SetUp() override {
    set_free_mib(10 * low_water_mib);
    node_.set_environment({{"LD_PRELOAD", PUNCTUM_FREE_SPACE_SHIM}, {"PUNCTUM_SHIM_FREE", free_.string()}});
    node_.start();
  }
  void set_free_mib(int mib) const {
    std::ofstream(folder_ / "free.new") << mib;
    std::filesystem::rename(folder_ / "free.new", free_);  // read by the node at any moment
  }
  SendOutcome::Kind try_to_send(const std::vector<TestSlice>& slices) const {
    return send_objects(node_.address(), to_send(slices), {}).front().kind;
  }
  std::vector<std::string> events() const {
    const auto told = nlohmann::json::parse(punctum({"events", "--json", "--config", node_.config().string()}).output);
    std::vector<std::string> kinds;
    for (const auto& event : told.at("events")) kinds.push_back(event.at("kind"));
    return kinds;
  }

  TempDir folder_;
  std::filesystem::path free_ = folder_ / "free";
  NodeProcess node_{folder_.path(), {{"min_free_mb", low_water_mib}}};
};

bool within_ten_seconds(const std::function<bool()>& happened) {
  for (int i = 0; i < 100; ++i) {
    if (happened()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return false;
}

TEST_F(DiskFull, ANodeRefusesInTimeAndRecoversByItself) {
  const auto before = small_study("before", 3), meanwhile = small_study("meanwhile", 3),
             after = small_study("after", 3);
  Ledger ledger;
  ASSERT_EQ(ledger.send(node_.address(), before), before.size());
  RawPeer standing(node_.address().port);  // since there was room
  ASSERT_TRUE(standing.associate());

  set_free_mib(low_water_mib - 1);
  // A standing association is told so for its object, and lives on.
  auto request = request_of(command::c_store_rq, "1.2.840.10008.5.1.4.1.1.2");
  request.set_uid(command_element::affected_sop_instance_uid, "1.2.3");
  standing.send(joined({p_data(3, true, true, request.encode()), p_data(3, false, true, Bytes(100))}));
  const auto answer = standing.receive_command();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->number(command_element::status), 0xa700);
  EXPECT_TRUE(standing.echo());
  // New ones are not let in, for the moment.
  EXPECT_EQ(try_to_send(meanwhile), SendOutcome::Kind::transient);
  EXPECT_TRUE(within_ten_seconds([&] {
    RawPeer peer(node_.address().port);
    return !peer.associate();
  }));

  set_free_mib(10 * low_water_mib);
  EXPECT_TRUE(within_ten_seconds([&] { return try_to_send(after) == SendOutcome::Kind::sent; }));
  EXPECT_EQ(ledger.send(node_.address(), meanwhile), meanwhile.size()) << "they are sent again and taken now";
  EXPECT_THAT(ledger.lies_about(node_, before[0].name().study_instance_uid.str()), testing::IsEmpty());
  EXPECT_THAT(ledger.lies_about(node_, meanwhile[0].name().study_instance_uid.str()), testing::IsEmpty());
  EXPECT_THAT(events(),
              testing::IsSupersetOf({std::string(event_kind::disk_low), std::string(event_kind::disk_recovered)}))
      << node_.log();
}

}  // namespace
}  // namespace punctum::test
