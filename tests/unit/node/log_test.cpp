#include "node/runtime/log.hpp"

#include <gtest/gtest.h>

#include <type_traits>

#include "node/runtime/clock.hpp"

namespace punctum {
namespace {

TEST(Log, OneLineHasLevelRoomEventAndStableKeys) {
  EXPECT_EQ(log_line(LogLevel::info, "job", "delivered",
                     {{"job", 41}, {"series", Uid::require("2.25.30")}, {"infer_ms", 95.4}}),
            "INFO  job      delivered job=41 series=2.25.30 infer_ms=95");
  EXPECT_EQ(log_line(LogLevel::warning, "deliver", "retry", {{"encode_ms", 3.14159}}),
            "WARN  deliver  retry encode_ms=3.1");
}

TEST(Log, ForeignTextCannotForgeALineOrAKey) {
  EXPECT_EQ(log_line(LogLevel::error, "scp", "rejected",
                     {{"calling", "A\nERROR node  gone"}, {"why", "say \"x\" k=v"}, {"empty", ""}}),
            "ERROR scp      rejected calling=\"A\\x0aERROR node  gone\" why=\"say \\\"x\\\" k=v\"");
}

TEST(Log, PatientTextDoesNotCompileIntoALine) {
  EXPECT_FALSE((std::is_constructible_v<LogField, std::string_view, PatientText>));
  EXPECT_FALSE((std::is_convertible_v<PatientText, std::string>));
}

TEST(Clock, WritesUtcTimeWithMilliseconds) { EXPECT_EQ(iso_utc(1'764'000'007'042), "2025-11-24T16:00:07.042Z"); }

TEST(Clock, WritesDicomDateAndTime) {
  const auto moment = local_date_time(1'764'000'007'042);
  EXPECT_EQ(moment.date.size(), 8u);
  EXPECT_EQ(moment.time.size(), 13u);
  EXPECT_EQ(moment.time.substr(4), "07.042000");
}

}  // namespace
}  // namespace punctum
