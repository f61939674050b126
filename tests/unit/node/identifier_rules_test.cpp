#include "node/query/identifier_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dicom/types/error.hpp"

namespace punctum {
namespace {

using testing::ElementsAre;

const IdentifierElement patient_id{0x0010, 0x0020, "LO", "P1"};
const IdentifierElement patient_name{0x0010, 0x0010, "PN", "MUELLER*"};
const IdentifierElement study_uid{0x0020, 0x000d, "UI", "1.2.3"};
const IdentifierElement series_uid{0x0020, 0x000e, "UI", "1.2.3.4"};
const IdentifierElement image_uids{0x0008, 0x0018, "UI", "1.2.3.4.5\\1.2.3.4.6"};

QueryRequest request(InformationModel model, std::string level, Identifier keys) {
  const Caller caller{AeTitle::require("VIEWER"), AeTitle::require("PUNCTUM"), "127.0.0.1", 1};
  return {caller, model, std::move(level), std::move(keys)};
}

constexpr auto study_root = InformationModel::study_root;
constexpr auto patient_root = InformationModel::patient_root;

TEST(IdentifierRules, StudyRootHasNoPatientLevel) {
  EXPECT_THROW(query_level(request(study_root, "PATIENT", {})), DicomError);
  EXPECT_EQ(query_level(request(patient_root, "PATIENT", {})), QueryLevel::patient);
  EXPECT_EQ(query_level(request(study_root, "IMAGE", {})), QueryLevel::instance);
  EXPECT_THROW(query_level(request(study_root, "", {})), DicomError);
}

TEST(IdentifierRules, HierarchicalQueryNeedsTheUniqueKeysAbove) {
  EXPECT_THROW(to_query(request(study_root, "SERIES", {series_uid})), DicomError);
  EXPECT_THROW(to_query(request(patient_root, "STUDY", {study_uid})), DicomError);
  EXPECT_THROW(to_query(request(study_root, "IMAGE", {study_uid, image_uids})), DicomError);
  EXPECT_NO_THROW(to_query(request(study_root, "IMAGE", {study_uid, series_uid, image_uids})));
  const IdentifierElement wild{0x0020, 0x000d, "UI", "1.2.*"};
  EXPECT_THROW(to_query(request(study_root, "SERIES", {wild})), DicomError);
}

TEST(IdentifierRules, RelationalQueryMayLeaveThemOut) {
  auto relational = request(study_root, "SERIES", {series_uid});
  relational.relational = true;
  const auto query = to_query(relational);
  ASSERT_EQ(query.matches.size(), 1u);
  EXPECT_EQ(query.matches[0].keyword, "SeriesInstanceUID");
}

TEST(IdentifierRules, EmptyKeysAreReturnedNotMatched) {
  const IdentifierElement empty{0x0008, 0x1030, "LO", ""};
  const IdentifierElement unknown{0x0009, 0x0010, "LO", "x"};
  const auto query = to_query(request(study_root, "STUDY", {patient_name, study_uid, empty, unknown}));
  EXPECT_THAT(query.returned, ElementsAre("PatientName", "StudyInstanceUID", "StudyDescription"));
  ASSERT_EQ(query.matches.size(), 2u);
  EXPECT_EQ(query.matches[0].pattern, "MUELLER*");
}

TEST(IdentifierRules, TwoQuotationMarksAskForNoValueWhereThatWasNegotiated) {
  const IdentifierElement quotes{0x0008, 0x1030, "LO", "\"\""};
  auto asked = request(study_root, "STUDY", {quotes});
  EXPECT_EQ(to_query(asked).matches.at(0).pattern, "\"\"") << "otherwise they are two characters";
  EXPECT_FALSE(to_query(asked).matches.at(0).is_empty);
  asked.empty_value = true;
  EXPECT_TRUE(to_query(asked).matches.at(0).is_empty);

  const IdentifierElement sequence{0x0040, 0x0275, "SQ", "", {{{0x0040, 0x0009, "SH", "\"\""}}}};
  auto series = request(study_root, "SERIES", {study_uid, sequence});
  series.empty_value = true;
  EXPECT_TRUE(to_query(series).matches.at(1).item.at(0).is_empty);
}

TEST(IdentifierRules, AQuestionHasBounds) {
  const auto asked_for = [](std::uint16_t group, std::uint16_t element, const char* vr, const std::string& value) {
    return to_query(request(study_root, "STUDY", {{group, element, vr, value}}));
  };
  const auto list = [](int count, const std::string& value) {
    std::string text = value;
    for (int i = 1; i < count; ++i) text += "\\" + value;
    return text;
  };
  EXPECT_NO_THROW(asked_for(0x0008, 0x0050, "SH", list(5000, "A-1")));
  EXPECT_NO_THROW(asked_for(0x0008, 0x0050, "SH", list(100, "A*")));
  EXPECT_THROW(asked_for(0x0008, 0x0050, "SH", list(101, "A*")), DicomError);
  EXPECT_THROW(asked_for(0x0008, 0x0020, "DA", list(101, "20260101-")), DicomError);
  EXPECT_THROW(asked_for(0x0010, 0x0010, "PN", list(101, "DOE")), DicomError);
  EXPECT_THROW(asked_for(0x0010, 0x0010, "PN", std::string(70'000, 'x')), DicomError);
  EXPECT_NO_THROW(asked_for(0x0020, 0x000d, "UI", list(50'000, "1.2.3")));
  EXPECT_THROW(asked_for(0x0020, 0x000d, "UI", list(100'001, "1.2")), DicomError);
}

TEST(IdentifierRules, KeysBelowTheLevelAreNotMatched) {
  const auto query = to_query(request(study_root, "STUDY", {study_uid, series_uid}));
  EXPECT_THAT(query.returned, ElementsAre("StudyInstanceUID"));
}

TEST(IdentifierRules, RetrieveTakesListsOfUidsAtItsLevelOnly) {
  const auto keys = to_unique_keys(request(study_root, "IMAGE", {study_uid, series_uid, image_uids}));
  ASSERT_EQ(keys.size(), 3u);
  EXPECT_EQ(keys[2].keyword, "SOPInstanceUID");
  EXPECT_EQ(keys[2].pattern, image_uids.value);
  EXPECT_THROW(to_unique_keys(request(study_root, "STUDY", {})), DicomError);
  const IdentifierElement everything{0x0020, 0x000d, "UI", "*"};
  EXPECT_THROW(to_unique_keys(request(study_root, "STUDY", {everything})), DicomError);
  EXPECT_NO_THROW(to_unique_keys(request(patient_root, "PATIENT", {patient_id})));
}

TEST(IdentifierRules, ResponseHoldsEveryIndexedKeyThatWasAsked) {
  const IdentifierElement description{0x0008, 0x1030, "LO", ""};
  const IdentifierElement unknown{0x0009, 0x0010, "LO", ""};
  const QueryRow row{{"StudyInstanceUID", "1.2.3"}};
  const auto identifier = to_identifier(row, request(study_root, "STUDY", {study_uid, description, unknown}));
  ASSERT_EQ(identifier.size(), 2u);
  EXPECT_EQ(identifier[0].value, "1.2.3");
  EXPECT_EQ(identifier[1].element, 0x1030);
  EXPECT_EQ(identifier[1].value, "");
}

}  // namespace
}  // namespace punctum
