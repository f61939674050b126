#include <gmock/gmock.h>

#include <set>

#include "storage/index/folding.hpp"
#include "storage/index/normal_form.hpp"
#include "storage/index/query_sql.hpp"
#include "tests/unit/storage/storage_fixture.hpp"

namespace punctum::test {
namespace {

using testing::HasSubstr;

// ---- the table of keys

TEST(QueryKeys, AreOrderedByLevelThenTagAndFoundByTagAndKeyword) {
  std::tuple<QueryLevel, int, int> before{QueryLevel::patient, 0, 0};
  for (const auto& key : query_keys()) {
    const std::tuple<QueryLevel, int, int> now{key.level, key.group, key.element};
    EXPECT_LT(before, now) << key.keyword;
    before = now;
    EXPECT_EQ(query_key(key.keyword), &key);
    EXPECT_EQ(query_key(key.group, key.element), &key);
  }
  EXPECT_EQ(query_key("NoSuchKeyword"), nullptr);
}

TEST(QueryKeys, EachHasItsColumnInTheSchema) {
  const TempFolder folder;
  auto index = open_index(folder.path(), sqlite::Access::read_write);
  const auto columns = [&](QueryLevel table) {
    std::set<std::string> names;
    auto row = index.prepare("SELECT name FROM pragma_table_info('" + std::string(table_name(table)) + "')");
    while (row.step()) names.insert(row.text(0));
    return names;
  };
  for (const auto& column : all_columns()) {
    EXPECT_TRUE(columns(column.key->level).contains(column.name)) << column.name;
    const auto& folded = column.folded.empty() ? column.name : column.folded;
    EXPECT_TRUE(columns(column.key->level).contains(folded)) << folded;
    const bool patient = column.key->level == QueryLevel::patient;
    EXPECT_EQ(columns(QueryLevel::study).contains(column.name), patient || column.key->level == QueryLevel::study);
  }
}

TEST(QueryKeys, ColumnNamesAreTheKeywordsInSnakeCase) {
  EXPECT_EQ(column_name("PatientName"), "patient_name");
  EXPECT_EQ(column_name("SOPInstanceUID"), "sop_instance_uid");
  EXPECT_EQ(column_name("IssuerOfPatientID"), "issuer_of_patient_id");
}

// ---- normal forms

TEST(NormalForm, TrimsAndWritesOldDatesTimesAndIntegersTheOneWay) {
  EXPECT_EQ(normal_form(KeyKind::text, "  A B \0"), "A B");
  EXPECT_EQ(normal_form(KeyKind::date, "2024.01.31"), "20240131");
  EXPECT_EQ(normal_form(KeyKind::date, "sometime"), "sometime");
  EXPECT_EQ(normal_form(KeyKind::time, "10:30:00.5"), "103000.5");
  EXPECT_EQ(normal_form(KeyKind::integer, "+007 "), "7");
  EXPECT_EQ(normal_form(KeyKind::integer, "-0"), "0");
  EXPECT_EQ(normal_form(KeyKind::integer, "seven"), "seven");
}

TEST(Folding, TakesCaseAndAccentsFromNames) {
  EXPECT_EQ(fold_person_name("MÜLLER^Jörg^^"), "muller^jorg=");
  EXPECT_EQ(fold_person_name("Mu\xcc\x88ller"), fold_person_name("M\xc3\xbcller")) << "composed or not";
  EXPECT_EQ(fold_person_name("Straße"), "strasse=");
  EXPECT_EQ(fold_person_name("ΣΊΣΥΦΟΣ"), fold_person_name("σίσυφος"));
  EXPECT_EQ(fold_person_name("ЖУКОВ"), "жуков=");
  EXPECT_EQ(fold_person_name("Yamada^Tarou=山田^太郎"), "yamada^tarou=山田^太郎=");
  EXPECT_EQ(fold_person_name("\xff\xfe"), "\xff\xfe=") << "no UTF-8: kept as it is";
}

// ---- matching, as PS3.4 C.2.2.2 has it

class QueryTest : public testing::Test {
 protected:
  QueryTest() : archive_(Archive::open(options_for(folder_))) {
    add(1, 1,
        {{"PatientName", "Müller^Jörg"},
         {"PatientID", "A-1"},
         {"StudyDate", "20240131"},
         {"StudyTime", "1030"},
         {"AccessionNumber", "ACC1"},
         {"Modality", "CT"},
         {"StudyDescription", "CT [THORAX]"}});
    add(1, 2,
        {{"PatientName", "Müller^Jörg"},
         {"PatientID", "A-1"},
         {"StudyDate", "20240131"},
         {"StudyTime", "1030"},
         {"AccessionNumber", "ACC1"},
         {"Modality", "SEG"},
         {"StudyDescription", "CT [THORAX]"}},
        "1.2.840.10008.5.1.4.1.1.66.4");
    add(2, 1,
        {{"PatientName", "MULLER-SMITH^ANN"},
         {"PatientID", "A-2"},
         {"StudyDate", "20240201"},
         {"StudyTime", "103000.250"},
         {"AccessionNumber", "ACC2"},
         {"Modality", "MR"},
         {"StudyDescription", "MR HEAD"}});
    add(3, 1,
        {{"PatientName", "Yamada^Tarou=山田^太郎=やまだ^たろう"},
         {"PatientID", "A-1"},
         {"StudyDate", "20231231"},
         {"StudyTime", "09"},
         {"AccessionNumber", "acc1"},
         {"Modality", "CT"},
         {"StudyDescription", "CT thorax"}});
    add(4, 1, {{"Modality", "PR"}});
  }

  void add(int study, int series, std::map<std::string, std::string, std::less<>> attributes,
           const char* sop_class = nullptr) {
    for (int i = 1; i <= 2; ++i) {
      auto record = record_of(study, series, i, bytes_of("x"));
      record.attributes = attributes;
      record.attributes["InstanceNumber"] = std::to_string(i);
      if (sop_class != nullptr) record.name.sop_class_uid = Uid::require(sop_class);
      put(*archive_, record, bytes_of("x"));
    }
  }

  std::vector<QueryRow> rows(const Query& query) const {
    std::vector<QueryRow> all;
    archive_->query(query, [&](const QueryRow& row) {
      all.push_back(row);
      return true;
    });
    return all;
  }

  /// The studies that match, by the last component of their UID.
  std::string studies(std::vector<Match> matches) const {
    std::string found;
    for (const auto& row : rows({QueryLevel::study, std::move(matches), {}, 0}))
      found += row.at("StudyInstanceUID").back();
    return found;
  }

  TempFolder folder_;
  std::unique_ptr<Archive> archive_;
};

TEST_F(QueryTest, MatchesAsTheTableSays) {
  struct MatchCase {
    const char *keyword, *pattern, *studies;
  };
  const std::vector<MatchCase> table{// universal
                                     {"PatientName", "", "1234"},
                                     {"PatientName", "*", "1234"},
                                     {"StudyDate", "*", "1234"},
                                     {"StudyDate", "-", "1234"},
                                     {"StudyInstanceUID", "", "1234"},
                                     {"NoSuchKey", "x", "1234"},
                                     // single value
                                     {"PatientID", "A-1", "13"},
                                     {"PatientID", " A-1 ", "13"},
                                     {"PatientID", "a-1", ""},
                                     {"AccessionNumber", "ACC1", "1"},
                                     {"StudyInstanceUID", "1.2.3.1.2", "2"},
                                     {"StudyInstanceUID", "1.2.3.1.9", ""},
                                     {"StudyInstanceUID", "1.2.3.1.*", ""},
                                     {"StudyDate", "20240201", "2"},
                                     {"StudyDate", "2024.02.01", "2"},
                                     // list
                                     {"StudyInstanceUID", "1.2.3.1.1\\1.2.3.1.3", "13"},
                                     {"StudyInstanceUID", "1.2.3.1.1\\", "1"},
                                     {"AccessionNumber", "ACC2\\acc1", "23"},
                                     // wildcard
                                     {"PatientID", "A-?", "123"},
                                     {"PatientID", "*2", "2"},
                                     {"PatientID", "?", ""},
                                     {"AccessionNumber", "ACC*", "12"},
                                     {"StudyDescription", "*THORAX*", "1"},
                                     {"StudyDescription", "CT [*", "1"},
                                     {"StudyDescription", "CT ?????????", ""},
                                     {"StudyDescription", "[CM]*", ""},
                                     // names: without case and accents, any component group
                                     {"PatientName", "müller^jörg", "1"},
                                     {"PatientName", "MULLER^JORG", "1"},
                                     {"PatientName", "muller*", "12"},
                                     {"PatientName", "MÜLLER^*", "1"},
                                     {"PatientName", "*smith^a?n", "2"},
                                     {"PatientName", "muller", ""},
                                     {"PatientName", "Yamada^Tarou", "3"},
                                     {"PatientName", "山田*", "3"},
                                     {"PatientName", "山田^太郎", "3"},
                                     {"PatientName", "yamada^tarou=山田^太郎", "3"},
                                     {"PatientName", "*^太郎", "3"},
                                     {"PatientName", "Müller^Jörg^^^", "1"},
                                     // ranges
                                     {"StudyDate", "20240101-20240131", "1"},
                                     {"StudyDate", "20240131-", "12"},
                                     {"StudyDate", "-20240131", "13"},
                                     {"StudyDate", "20250101-", ""},
                                     {"StudyDate", "2024.01.01-2024.12.31", "12"},
                                     {"StudyTime", "09-1030", "123"},
                                     {"StudyTime", "0900-0959", "3"},
                                     {"StudyTime", "103000.1-", "2"},
                                     {"StudyTime", "-1029", "3"},
                                     {"StudyTime", "103000", "1"},
                                     {"StudyTime", "10:30", "1"},
                                     {"StudyTime", "090000.00", "3"},
                                     {"StudyTime", "103000.25", "2"},
                                     // what a study contains
                                     {"ModalitiesInStudy", "SEG", "1"},
                                     {"ModalitiesInStudy", "CT", "13"},
                                     {"ModalitiesInStudy", "MR\\SEG", "12"},
                                     {"SOPClassesInStudy", "1.2.840.10008.5.1.4.1.1.66.4", "1"},
                                     // keys of levels below
                                     {"Modality", "MR", "2"},
                                     {"SOPInstanceUID", "1.2.3.3.2.1.1", "2"},
                                     // no way into the SQL
                                     {"PatientID", "' OR 1=1 --", ""},
                                     {"PatientName", "x\"; DROP TABLE study; --", ""}};
  for (const auto& one : table) {
    EXPECT_EQ(studies({{one.keyword, one.pattern}}), one.studies) << one.keyword << " = " << one.pattern;
  }
}

TEST_F(QueryTest, FindsWhatHasNoValue) {
  const auto without = [&](std::string keyword) {
    return studies({{.keyword = std::move(keyword), .is_empty = true}});
  };
  EXPECT_EQ(without("StudyDate"), "4") << "absent";
  EXPECT_EQ(without("PatientName"), "4");
  EXPECT_EQ(without("ReferringPhysicianName"), "1234");
  EXPECT_EQ(without("StudyInstanceUID"), "");
  EXPECT_EQ(without("ModalitiesInStudy"), "");
  EXPECT_EQ(without("NumberOfStudyRelatedInstances"), "");
  EXPECT_EQ(studies({{.keyword = "StudyDate", .is_empty = true}, {"Modality", "PR"}}), "4");
  EXPECT_EQ(studies({{.keyword = "StudyDate", .is_empty = true}, {"Modality", "CT"}}), "");
  EXPECT_EQ(studies({{.keyword = "InstanceNumber", .is_empty = true}}), "") << "of a level below";
}

TEST_F(QueryTest, AllMatchesMustHold) {
  EXPECT_EQ(studies({{"PatientID", "A-1"}, {"StudyDate", "20240101-"}}), "1");
  EXPECT_EQ(studies({{"PatientID", "A-1"}, {"ModalitiesInStudy", "MR"}}), "");
}

TEST_F(QueryTest, ReturnsWhatWasAskedForAndTheUniqueKeys) {
  const auto found =
      rows({QueryLevel::study, {{"AccessionNumber", "ACC1"}}, {"StudyDate", "Modality", "NoSuchKey"}, 0});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0], (QueryRow{{"PatientID", "A-1"}, {"StudyInstanceUID", "1.2.3.1.1"}, {"StudyDate", "20240131"}}));
}

TEST_F(QueryTest, CountsAndCollectsTheComputedKeys) {
  const auto found = rows({QueryLevel::study,
                           {{"AccessionNumber", "ACC1"}},
                           {"ModalitiesInStudy", "SOPClassesInStudy", "NumberOfStudyRelatedSeries",
                            "NumberOfStudyRelatedInstances", "NumberOfPatientRelatedStudies"},
                           0})
                         .at(0);
  EXPECT_EQ(found.at("ModalitiesInStudy"), "CT\\SEG");
  EXPECT_EQ(found.at("SOPClassesInStudy"), "1.2.840.10008.5.1.4.1.1.2\\1.2.840.10008.5.1.4.1.1.66.4");
  EXPECT_EQ(found.at("NumberOfStudyRelatedSeries"), "2");
  EXPECT_EQ(found.at("NumberOfStudyRelatedInstances"), "4");
  EXPECT_EQ(found.at("NumberOfPatientRelatedStudies"), "2");
}

TEST_F(QueryTest, PatientLevelGroupsByPatientIdAndCounts) {
  const auto found =
      rows({QueryLevel::patient,
            {{"PatientID", "A-1"}},
            {"NumberOfPatientRelatedStudies", "NumberOfPatientRelatedSeries", "NumberOfPatientRelatedInstances"},
            0});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].at("NumberOfPatientRelatedStudies"), "2");
  EXPECT_EQ(found[0].at("NumberOfPatientRelatedSeries"), "3");
  EXPECT_EQ(found[0].at("NumberOfPatientRelatedInstances"), "6");
  EXPECT_EQ(rows({QueryLevel::patient, {{"StudyDate", "20240201"}}, {}, 0}).at(0).at("PatientID"), "A-2");
  EXPECT_EQ(rows({QueryLevel::patient, {{"ModalitiesInStudy", "MR"}}, {}, 0}).at(0).at("PatientID"), "A-2");
}

TEST_F(QueryTest, EachStudyShowsItsOwnPatientNameWhereAnIdIsShared) {
  const auto found = rows({QueryLevel::study, {{"PatientID", "A-1"}}, {"PatientName"}, 0});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].at("PatientName"), "Müller^Jörg");
  EXPECT_EQ(found[1].at("PatientName"), "Yamada^Tarou=山田^太郎=やまだ^たろう");
}

TEST_F(QueryTest, StudiesWithoutPatientIdAreNeverOnePatient) {
  add(5, 1, {{"Modality", "CT"}});
  EXPECT_EQ(rows({QueryLevel::patient, {}, {}, 0}).size(), 4u) << "A-1, A-2, and two without";
}

TEST_F(QueryTest, SeriesAndInstanceLevelsAnswerWithTheKeysAboveThem) {
  const auto series = rows({QueryLevel::series,
                            {{"StudyInstanceUID", "1.2.3.1.1"}},
                            {"Modality", "NumberOfSeriesRelatedInstances", "PatientName"},
                            0});
  ASSERT_EQ(series.size(), 2u);
  EXPECT_EQ(series[1].at("Modality"), "SEG");
  EXPECT_EQ(series[1].at("NumberOfSeriesRelatedInstances"), "2");
  EXPECT_EQ(series[1].at("PatientName"), "Müller^Jörg");
  const auto instances = rows({QueryLevel::instance,
                               {{"SeriesInstanceUID", "1.2.3.2.1.1"}, {"InstanceNumber", "02"}},
                               {"SOPClassUID", "AvailableTransferSyntaxUID", "StudyDate"},
                               0});
  ASSERT_EQ(instances.size(), 1u);
  EXPECT_EQ(instances[0].at("SOPInstanceUID"), "1.2.3.3.1.1.2");
  EXPECT_EQ(instances[0].at("AvailableTransferSyntaxUID"), "1.2.840.10008.1.2.1");
  EXPECT_EQ(instances[0].at("StudyDate"), "20240131");
}

TEST_F(QueryTest, StopsAtTheLimitAndWhenTheReceiverHasEnough) {
  EXPECT_EQ(rows({QueryLevel::study, {}, {}, 3}).size(), 3u);
  int taken = 0;
  archive_->query({QueryLevel::study, {}, {}, 0}, [&](const QueryRow&) { return ++taken < 2; });
  EXPECT_EQ(taken, 2);
}

TEST_F(QueryTest, ASearchThatNobodyWantsAnyMoreEnds) {
  sqlite::Connection index = open_index(options_for(folder_).data_dir, sqlite::Access::read_only);
  int asked = 0;
  const std::function<bool()> disturbed = [&] { return ++asked == 3; };
  auto endless = index.prepare("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n");
  {
    const sqlite::Watch watch(index, disturbed);
    EXPECT_THROW(endless.step(), sqlite::Interrupted);
  }
  EXPECT_EQ(asked, 3);
  EXPECT_TRUE(index.prepare("SELECT 1").step()) << "the connection is as good as before";
  EXPECT_EQ(asked, 3);
}

TEST_F(QueryTest, ALongListOfAnyKeyIsOneQuestion) {
  std::string many = "ACC2";
  for (int i = 0; i < 5000; ++i) many += "\\NONE" + std::to_string(i);
  EXPECT_EQ(studies({{"AccessionNumber", many}}), "2");
  EXPECT_EQ(studies({{"AccessionNumber", many + "\\acc*"}}), "23");
}

TEST_F(QueryTest, ALongUidListIsOneQuestion) {
  std::string list;
  for (int i = 0; i < 5000; ++i) list += "1.2.3.1." + std::to_string(i) + "\\";
  EXPECT_EQ(studies({{"StudyInstanceUID", list}}), "1234");
}

TEST_F(QueryTest, ASlowReceiverHoldsNoConnection) {
  auto options = options_for(folder_);
  archive_.reset();
  options.readers = 1;
  const auto archive = Archive::open(options);
  bool nested = false;
  archive->query({QueryLevel::study, {}, {}, 0}, [&](const QueryRow&) {
    nested = archive->instance(uid("3.1.1.1")).has_value();  // would wait for ever if the only reader were taken
    return false;
  });
  EXPECT_TRUE(nested);
}

// ---- no usual question reads a whole table

std::string plan_of(sqlite::Connection& index, const Query& query) {
  const auto sql = ids_statement(query);
  auto plan = index.prepare("EXPLAIN QUERY PLAN " + sql.text);
  int parameter = 0;
  for (const auto& value : sql.values) plan.bind(++parameter, value);
  std::string steps;
  while (plan.step()) steps += plan.text(3) + "\n";
  return steps;
}

TEST(QueryPlan, NoUsualKeyScansATable) {
  const TempFolder folder;
  auto index = open_index(folder.path(), sqlite::Access::read_write);
  const std::vector<std::pair<QueryLevel, std::vector<Match>>> usual{
      {QueryLevel::study, {{"StudyInstanceUID", "1.2.3"}}},
      {QueryLevel::study, {{"StudyInstanceUID", "1.2.3\\1.2.4"}}},
      {QueryLevel::study, {{"PatientID", "P1"}}},
      {QueryLevel::study, {{"PatientID", "P1*"}}},
      {QueryLevel::study, {{"PatientName", "DOE*"}}},
      {QueryLevel::study, {{"PatientName", "DOE^JOHN"}}},
      {QueryLevel::study, {{"AccessionNumber", "A1"}}},
      {QueryLevel::study, {{"StudyDate", "20240131"}}},
      {QueryLevel::study, {{"StudyDate", "20240101-20240131"}, {"ModalitiesInStudy", "CT"}}},
      {QueryLevel::study, {{"StudyDate", "20240101-"}, {"PatientName", "*"}}},
      {QueryLevel::patient, {{"PatientID", "P1"}}},
      {QueryLevel::patient, {{"PatientName", "DOE*"}}},
      {QueryLevel::series, {{"StudyInstanceUID", "1.2.3"}}},
      {QueryLevel::series, {{"StudyInstanceUID", "1.2.3"}, {"Modality", "CT"}}},
      {QueryLevel::series, {{"SeriesInstanceUID", "1.2.3"}}},
      {QueryLevel::instance, {{"SOPInstanceUID", "1.2.3"}}},
      {QueryLevel::instance, {{"StudyInstanceUID", "1.2.3"}, {"SeriesInstanceUID", "1.2.4"}}},
      {QueryLevel::instance, {{"PatientID", "P1"}}}};
  for (const auto& [level, keys] : usual) {
    const Query query{level, keys, {}, 0};
    EXPECT_THAT(plan_of(index, query), testing::Not(HasSubstr("SCAN"))) << ids_statement(query).text;
  }
  EXPECT_THAT(plan_of(index, {QueryLevel::study, {{"StudyDescription", "*X*"}}, {}, 0}), HasSubstr("SCAN study"))
      << "this test would see a scan";
}

}  // namespace
}  // namespace punctum::test
