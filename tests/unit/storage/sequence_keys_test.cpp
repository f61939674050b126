#include "storage/sequence_keys.hpp"

#include <gmock/gmock.h>

#include "tests/unit/storage/storage_fixture.hpp"

namespace punctum::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SequencesAndMoments : public testing::Test {
 protected:
  SequencesAndMoments() : archive_(Archive::open(options_for(folder_))) {
    add(1, "20240110", "2330",
        {{{"RequestedProcedureID", "RP1"}, {"ScheduledProcedureStepID", "S1"}},
         {{"RequestedProcedureID", "RP2"}, {"ScheduledProcedureStepID", "S2"}}});
    add(2, "20240111", "0015", {{{"RequestedProcedureID", "it's \"RP1\""}}});
    add(3, "20240111", "1200", {});
    add(4, "20240112", "", {});
  }
  void add(int study, const std::string& date, const std::string& time, const std::vector<SequenceItem>& requests) {
    auto record = record_of(study, 1, 1, bytes_of("x"));
    record.attributes["StudyDate"] = date;
    record.attributes["StudyTime"] = time;
    record.attributes["RequestAttributesSequence"] = sequence_text(requests);
    put(*archive_, record, bytes_of("x"));
  }
  std::string matching(Query query) const {
    std::string found;
    archive_->query(query, [&](const QueryRow& row) {
      found += row.at("StudyInstanceUID").back();
      return true;
    });
    return found;
  }
  std::string with_request(std::vector<Match> item) const {
    return matching({QueryLevel::series, {{"RequestAttributesSequence", "", std::move(item)}}, {}});
  }
  std::string at(const char* dates, const char* times) const {
    Query query{QueryLevel::study, {{"StudyDate", dates}, {"StudyTime", times}}, {}};
    query.combined_date_time = true;
    return matching(query);
  }

  TempFolder folder_;
  std::unique_ptr<Archive> archive_;
};

TEST_F(SequencesAndMoments, OneItemMustMatchAllKeys) {
  EXPECT_EQ(with_request({{"RequestedProcedureID", "RP2"}, {"ScheduledProcedureStepID", "S2"}}), "1");
  EXPECT_EQ(with_request({{"RequestedProcedureID", "RP2"}, {"ScheduledProcedureStepID", "S1"}}), "");
  EXPECT_EQ(with_request({{"RequestedProcedureID", "RP?"}}), "1");
  EXPECT_EQ(with_request({{"RequestedProcedureID", "*RP1*"}}), "12");
}

TEST_F(SequencesAndMoments, EmptyAndUnknownItemKeysMatchEverything) {
  EXPECT_EQ(with_request({{"RequestedProcedureID", ""}}), "1234");
  EXPECT_EQ(with_request({{"PatientName", "X"}}), "1234");
  EXPECT_EQ(with_request({}), "1234");
}

TEST_F(SequencesAndMoments, AnItemMayBeAskedForByWhatItLacks) {
  const Match no_step{.keyword = "ScheduledProcedureStepID", .is_empty = true};
  EXPECT_EQ(with_request({no_step}), "2");
  EXPECT_EQ(with_request({{"RequestedProcedureID", "*RP1*"}, no_step}), "2");
  EXPECT_EQ(with_request({no_step, {"RequestedProcedureID", "RP1"}}), "");
}

TEST_F(SequencesAndMoments, AreReturnedWithTheirItems) {
  archive_->query({QueryLevel::series, {{"StudyInstanceUID", uid("1.1").str()}}, {"RequestAttributesSequence"}},
                  [](const QueryRow& row) {
                    const auto items = sequence_items(row.at("RequestAttributesSequence"));
                    EXPECT_EQ(items.size(), 2u);
                    EXPECT_EQ(items.at(1).at("RequestedProcedureID"), "RP2");
                    return true;
                  });
  EXPECT_THAT(sequence_items("no JSON"), IsEmpty());
  EXPECT_EQ(sequence_text({}), "");
}

TEST_F(SequencesAndMoments, DateAndTimeRangesMayBeOneRangeAcrossMidnight) {
  EXPECT_EQ(at("20240110-20240111", "2300-0100"), "12");
  EXPECT_EQ(at("20240110-20240111", "2331-1200"), "23");
  EXPECT_EQ(at("20240111-", "0016-"), "34");
  EXPECT_EQ(at("-20240111", "-0015"), "12");
  EXPECT_EQ(matching({QueryLevel::study, {{"StudyDate", "20240110-20240111"}, {"StudyTime", "2300-0100"}}, {}}), "");
}

TEST_F(SequencesAndMoments, ASingleDateOrTimeStillMatchesForItself) {
  EXPECT_EQ(at("20240111", "0000-0100"), "2");
  EXPECT_EQ(at("20240110-20240112", "1200"), "3");
}

}  // namespace
}  // namespace punctum::test
