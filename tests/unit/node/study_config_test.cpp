#include "node/tools/study_config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "dicom/types/error.hpp"
#include "tests/support/matchers.hpp"
#include "tests/support/temp_dir.hpp"

namespace punctum {
namespace {

using testing::HasSubstr;

class StudyConfiguration : public testing::Test {
 protected:
  StudyConfig read(const std::string& json) const {
    std::ofstream(folder_ / "study.json") << json;
    return read_study_config(folder_ / "study.json");
  }
  std::string refusal_of(const std::string& json) const { return PUNCTUM_MESSAGE_OF(ConfigError, read(json)); }
  const test::TempDir folder_;
};

TEST_F(StudyConfiguration, ComparesAllVariantsAndBaselinesWhereItSaysNothingElse) {
  const auto config = read(R"({"training": {"size": "tiny", "steps": 10}})");
  EXPECT_EQ(config.arms.size(), 6U);
  EXPECT_EQ(config.seeds, 3);
  EXPECT_EQ(config.reference, "full");
  EXPECT_EQ(config.training.options.steps, 10);
  EXPECT_EQ(config.evaluation.first_seed, 900'000U);
}

TEST_F(StudyConfiguration, ReadsArmsSeedsTrainingAndLesionsWithPathsFromItsOwnFolder) {
  const auto config = read(R"({"arms": ["full", "unet"], "seeds": 1, "first_seed": 7,
    "training": {"size": "compact", "data": [{"kind": "phantoms", "share": 2}]},
    "evaluation": {"first_seed": 900100, "last_seed": 900101, "manifest": "liver.jsonl", "splits": ["test"]}})");
  ASSERT_EQ(config.arms.size(), 2U);
  EXPECT_EQ(config.arms[1].name, "unet");
  EXPECT_EQ(config.first_seed, 7U);
  EXPECT_EQ(config.training.data.at(0).share, 2);
  EXPECT_EQ(config.evaluation.last_seed, 900'101U);
  EXPECT_EQ(config.evaluation.manifest, folder_ / "liver.jsonl");
}

TEST_F(StudyConfiguration, GivesAVariantOtherHyperParametersUnderAnotherName) {
  const auto config = read(R"({"training": {}, "arms": ["vanilla",
    {"name": "one-cluster", "variant": "refinement", "network": {"clusters": 1}}]})");
  EXPECT_EQ(config.arms.at(1).variant, "refinement");
  EXPECT_EQ(config.arms.at(1).network.at("clusters"), 1);
  EXPECT_THAT(refusal_of(R"({"training": {}, "arms": [{"name": "a", "variant": "b"}]})"), HasSubstr("/arms/0/variant"));
  EXPECT_THAT(refusal_of(R"({"training": {}, "arms": [{"name": "../a", "variant": "full"}]})"),
              HasSubstr("/arms/0/name"));
  EXPECT_THAT(refusal_of(R"({"training": {}, "arms": [{"name": "a", "variant": "full", "network": {"k": "3"}}]})"),
              HasSubstr("/arms/0/network/k"));
}

TEST_F(StudyConfiguration, ComparesWithAnArmThatThereIs) {
  EXPECT_EQ(read(R"({"training": {}, "arms": ["vanilla", "synergy"]})").reference, "vanilla");
  EXPECT_EQ(read(R"({"training": {}, "arms": ["vanilla", "synergy"], "reference": "synergy"})").reference, "synergy");
  EXPECT_THAT(refusal_of(R"({"training": {}, "arms": ["vanilla"], "reference": "foo"})"), HasSubstr("/reference"));
}

TEST_F(StudyConfiguration, RefusesWhatItDoesNotKnowWithItsPointer) {
  EXPECT_THAT(refusal_of("{}"), HasSubstr("/training"));
  EXPECT_THAT(refusal_of(R"({"training": {"stepps": 1}})"), HasSubstr("/training/stepps"));
  EXPECT_THAT(refusal_of(R"({"training": {"data": [{"kind": "cats"}]}})"), HasSubstr("/training/data/0/kind"));
  EXPECT_THAT(refusal_of(R"({"training": {}, "arms": ["full", "best"]})"), HasSubstr("/arms"));
  EXPECT_THAT(refusal_of(R"({"training": {}, "arms": ["full", "full"]})"), HasSubstr("/arms"));
  EXPECT_THAT(refusal_of(R"({"training": {}, "evaluation": {"cases": 5}})"), HasSubstr("/evaluation/cases"));
}

TEST_F(StudyConfiguration, RefusesToEvaluateOnSeedsThatAreTrainedOn) {
  EXPECT_THAT(refusal_of(R"({"training": {}, "evaluation": {"first_seed": 5}})"), HasSubstr("/evaluation/first_seed"));
}

TEST_F(StudyConfiguration, LeavesVariantAndSeedToTheStudy) {
  EXPECT_THAT(refusal_of(R"({"training": {"variant": "full"}})"), HasSubstr("/training/variant"));
  EXPECT_THAT(refusal_of(R"({"training": {"seed": 4}})"), HasSubstr("/training/seed"));
}

}  // namespace
}  // namespace punctum
