#include "dicom/modules/result_identity.hpp"

#include <gtest/gtest.h>

#include <set>

#include "tests/support/dcmtk_environment.hpp"
#include "tests/unit/modules/derived_fixture.hpp"

namespace punctum {
namespace {

ResultIdentity identity() { return test::identity_for(test::geometry_of(test::CtSeriesBuilder().count(2).build())); }

std::set<Uid> all_of(const ResultUids& uids) {
  return {uids.seg_instance, uids.seg_series, uids.sr_instance, uids.sr_series};
}

TEST(ResultUids, AreTheSameForTheSameClickAndNeverShared) {
  EXPECT_EQ(all_of(result_uids(identity())), all_of(result_uids(identity())));
  EXPECT_EQ(all_of(result_uids(identity())).size(), 4u);
}

TEST(ResultUids, ChangeWithPresentationStateLesionModelAndSeries) {
  auto seen = all_of(result_uids(identity()));
  const auto expect_new = [&](const ResultIdentity& changed) {
    for (const auto& uid : all_of(result_uids(changed))) EXPECT_TRUE(seen.insert(uid).second);
  };
  auto changed = identity();
  changed.presentation_state.sop_instance_uid = Uid::derived_from("another gsps");
  expect_new(changed);
  changed = identity();
  changed.lesion.tracking_uid = Uid::derived_from("another lesion");
  expect_new(changed);
  changed = identity();
  changed.model_digest = sha256("other weights");
  expect_new(changed);
  changed = identity();
  changed.source_series_uid = Uid::derived_from("one of two series");
  expect_new(changed);
}

TEST(ResultDescription, KeepsTheRoundOfALongLabel) {
  auto named = identity();
  named.round = 12;
  named.lesion.tracking_id = std::string(100, 'x');
  const auto description = result_description(named);
  EXPECT_EQ(description.size(), 64u);
  EXPECT_TRUE(description.ends_with(", round 12"));
}

}  // namespace
}  // namespace punctum
