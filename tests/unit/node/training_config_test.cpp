#include "node/tools/training_config.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "dicom/types/error.hpp"

namespace punctum {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class TrainingConfiguration : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  TrainingConfig read(const std::string& json) const {
    std::ofstream(folder_ / "training.json") << json;
    return read_training_config(folder_ / "training.json");
  }
  std::string refusal_of(const std::string& json) const {
    try {
      read(json);
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "no refusal";
  }
  fs::path folder_ = fs::temp_directory_path() / "punctum-training-config";
};

TEST_F(TrainingConfiguration, MeansPhantomsAloneWhereItIsEmpty) {
  const auto config = read("{}");
  EXPECT_EQ(config.options.size, "compact");
  EXPECT_EQ(config.options.variant, "full");
  ASSERT_EQ(config.data.size(), 1u);
  EXPECT_EQ(config.data[0].kind, "phantoms");
}

TEST_F(TrainingConfiguration, ReadsScheduleClicksAndDataWithPathsFromItsOwnFolder) {
  const auto config =
      read(R"({"size": "tiny", "variant": "vanilla", "steps": 50, "replicas": 2, "initial": "a.safetensors",
    "clicks": {"count_shares": [1, 1], "flawed_start_share": 0},
    "losses": {"cross_entropy": 0, "label_balance": 0.5, "attribute_weight": 0.5},
    "data": [{"kind": "phantoms", "share": 2},
             {"kind": "lesions", "name": "liver", "manifest": "liver.jsonl", "coarse_share": 0.5,
              "licence": "CC-BY-4.0", "statement": "Livers."},
             {"kind": "rendered", "backgrounds": ["ct"], "shapes": ["/forms"], "soften": true, "phantom_backgrounds": 3,
              "licence": "CC0-1.0", "statement": "Rendered."}]})");
  EXPECT_EQ(config.options.steps, 50);
  EXPECT_EQ(config.options.replicas, 2);
  EXPECT_EQ(config.options.initial, folder_ / "a.safetensors");
  EXPECT_EQ(config.options.clicks.count_shares, (std::vector<double>{1, 1}));
  EXPECT_EQ(config.options.clicks.flawed_start_share, 0);
  EXPECT_EQ(config.options.losses.cross_entropy, 0);
  EXPECT_EQ(config.options.losses.attribute_weight, 0.5);
  EXPECT_EQ(config.options.losses.label_balance, 0.5);
  EXPECT_EQ(config.options.losses.dice, 1);
  ASSERT_EQ(config.data.size(), 3u);
  EXPECT_EQ(config.data[0].share, 2);
  EXPECT_EQ(config.data[1].name, "liver");
  EXPECT_EQ(config.data[1].manifest, folder_ / "liver.jsonl");
  EXPECT_EQ(config.data[2].backgrounds, std::vector<fs::path>{folder_ / "ct"});
  EXPECT_EQ(config.data[2].shapes, std::vector<fs::path>{"/forms"});
  EXPECT_TRUE(config.data[2].soften);
  EXPECT_EQ(config.data[2].phantom_backgrounds, 3);
}

TEST_F(TrainingConfiguration, RefusesWhatItDoesNotKnowWithItsPointer) {
  EXPECT_THAT(refusal_of("not JSON"), HasSubstr("not JSON"));
  EXPECT_THAT(refusal_of(R"({"stepps": 5})"), HasSubstr("/stepps"));
  EXPECT_THAT(refusal_of(R"({"size": "huge"})"), HasSubstr("/size"));
  EXPECT_THAT(refusal_of(R"({"batch": 0})"), HasSubstr("/batch"));
  EXPECT_THAT(refusal_of(R"({"clicks": {"count_shares": "often"}})"), HasSubstr("/clicks/count_shares"));
  EXPECT_THAT(refusal_of(R"({"data": []})"), HasSubstr("/data"));
  EXPECT_THAT(refusal_of(R"({"data": [{"kind": "cats"}]})"), HasSubstr("/data/0/kind"));
}

TEST_F(TrainingConfiguration, WantsToKnowWhatDataIsAndUnderWhichLicence) {
  EXPECT_THAT(refusal_of(R"({"data": [{"kind": "lesions", "manifest": "m.jsonl", "licence": "CC0-1.0"}]})"),
              HasSubstr("/data/0"));
  EXPECT_THAT(refusal_of(R"({"data": [{"kind": "lesions", "licence": "CC0-1.0", "statement": "Mine."}]})"),
              HasSubstr("/data/0/manifest"));
  EXPECT_THAT(refusal_of(R"({"data": [{"kind": "rendered", "licence": "CC0-1.0", "statement": "Mine."}]})"),
              HasSubstr("phantom_backgrounds"));
}

}  // namespace
}  // namespace punctum
