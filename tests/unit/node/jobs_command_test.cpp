#include "node/tools/jobs_command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace punctum {
namespace {

using testing::HasSubstr;

Job a_refused_job() {
  return {.id = 7,
          .gsps_uid = Uid::require("1.2.3"),
          .series_uid = "1.2.4",
          .tracking_uid = "1.2.5",
          .state = JobState::refused,
          .message = "The click lies outside image 1.2.6.",
          .seg_uid = "",
          .sr_uid = "",
          .stage_ms = {{"assemble_ms", 310.4}, {"total_ms", 812}}};
}

Delivery a_waiting_delivery() {
  return {.id = 3,
          .sop_instance_uid = Uid::require("1.2.9"),
          .peer = "ARCHIVE",
          .attempts = 2,
          .message = "connection refused"};
}

TEST(JobsCommand, TextShowsStateSentenceAndStages) {
  const auto text = jobs_as_text({a_refused_job()}, {a_waiting_delivery()});
  EXPECT_THAT(text, HasSubstr("job 7  refused"));
  EXPECT_THAT(text, HasSubstr("The click lies outside image 1.2.6."));
  EXPECT_THAT(text, HasSubstr("total 812 ms: assemble 310"));
  EXPECT_THAT(text, HasSubstr("to ARCHIVE  waiting  attempt 2  1.2.9  connection refused"));
  EXPECT_EQ(jobs_as_text({}, {}), "no jobs\n");
}

TEST(JobsCommand, JsonHoldsTheSame) {
  const auto json = nlohmann::json::parse(jobs_as_json({a_refused_job()}, {a_waiting_delivery()}));
  EXPECT_EQ(json.at("jobs").at(0).at("state"), "refused");
  EXPECT_EQ(json.at("jobs").at(0).at("stage_ms").at("total_ms"), 812);
  EXPECT_EQ(json.at("deliveries").at(0).at("peer"), "ARCHIVE");
}

}  // namespace
}  // namespace punctum
