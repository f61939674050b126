// What SQLite means to do for a question: by an index, never by looking at every row.

#include <gmock/gmock.h>

#include "storage/index/database.hpp"
#include "storage/index/query_sql.hpp"
#include "tests/unit/storage/storage_fixture.hpp"

namespace punctum::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class QueryPlanTest : public testing::Test {
 protected:
  QueryPlanTest() { Archive::open(options_for(folder)); }

  std::string plan(const std::string& sql, const std::vector<std::string>& values = {}) {
    auto connection = open_index(folder.path() / "data", sqlite::Access::read_only);
    auto statement = connection.prepare("EXPLAIN QUERY PLAN " + sql);
    int parameter = 0;
    for (const auto& value : values) statement.bind(++parameter, std::string_view(value));
    std::string text;
    while (statement.step()) text += statement.text(3) + "\n";
    return text;
  }
  std::string plan_of(QueryLevel level, std::vector<Match> matches) {
    const auto sql = ids_statement({level, std::move(matches), {}, 0});
    return plan(sql.text, sql.values);
  }
  TempFolder folder;
};

TEST_F(QueryPlanTest, EveryUsualQuestionGoesByAnIndex) {
  const std::vector<std::pair<QueryLevel, std::vector<Match>>> questions{
      {QueryLevel::patient, {{"PatientID", "P1"}}},
      {QueryLevel::patient, {{"PatientName", "Doe*"}}},
      {QueryLevel::study, {{"StudyInstanceUID", "1.2"}}},
      {QueryLevel::study, {{"StudyInstanceUID", "1.2\\1.3"}}},
      {QueryLevel::study, {{"PatientID", "P1"}}},
      {QueryLevel::study, {{"PatientName", "Doe*"}}},
      {QueryLevel::study, {{"AccessionNumber", "A1"}}},
      {QueryLevel::study, {{"StudyDate", "20240101"}}},
      {QueryLevel::study, {{"StudyDate", "20240101-20240131"}}},
      {QueryLevel::study, {{"StudyDate", "20240101-20240131"}, {"ModalitiesInStudy", "CT"}}},
      {QueryLevel::series, {{"StudyInstanceUID", "1.2"}}},
      {QueryLevel::series, {{"StudyInstanceUID", "1.2"}, {"Modality", "CT"}}},
      {QueryLevel::series, {{"SeriesInstanceUID", "1.2"}}},
      {QueryLevel::instance, {{"StudyInstanceUID", "1.2"}, {"SeriesInstanceUID", "1.2.1"}}},
      {QueryLevel::instance, {{"SOPInstanceUID", "1.2"}}},
  };
  for (const auto& [level, matches] : questions) {
    const auto text = plan_of(level, matches);
    EXPECT_THAT(text, Not(HasSubstr("SCAN "))) << matches.front().keyword << " " << matches.front().pattern << "\n"
                                               << text;
  }
}

TEST_F(QueryPlanTest, TheCountsAndListsOfAnAnswerGoByIndexes) {
  const auto row = row_statement({QueryLevel::study, {}, {"ModalitiesInStudy", "NumberOfStudyRelatedInstances"}, 0});
  const auto text = plan(row.sql);
  EXPECT_THAT(text, Not(HasSubstr("SCAN series")));
  EXPECT_THAT(text, Not(HasSubstr("SCAN instance")));
  EXPECT_THAT(text, HasSubstr("INDEX series_by_study"));
}

TEST_F(QueryPlanTest, WhatEveryStoreAsksGoesByAnIndex) {
  for (const auto* sql :
       {"SELECT id FROM instance WHERE sop_instance_uid = '1'", "SELECT id FROM patient WHERE identity = 'x'",
        "SELECT id FROM study WHERE study_instance_uid = '1'",
        "SELECT id FROM series WHERE study = 1 AND series_instance_uid = '1'",
        "SELECT max(instance.id) FROM series JOIN instance ON instance.series = series.id WHERE series_instance_uid = "
        "'1'",
        "SELECT id FROM instance WHERE id > 5 AND file_missing = 0 ORDER BY id LIMIT 10"}) {
    EXPECT_THAT(plan(sql), Not(HasSubstr("SCAN "))) << sql;
  }
}

}  // namespace
}  // namespace punctum::test
