#include "node/tools/study_command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "dicom/types/error.hpp"
#include "tests/support/matchers.hpp"
#include "tests/support/temp_dir.hpp"

namespace punctum {
namespace {

using testing::HasSubstr;

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// As small as it can be: two baselines, two steps, the lesions of one series.
class TinyStudy : public testing::Test {
 protected:
  StudyOptions options() {
    StudyOptions o;
    o.config.arms = {{"unet", "unet"}, {"cnn", "cnn"}};
    o.config.seeds = 1;
    o.config.reference = "unet";
    o.config.training.data.emplace_back();
    auto& training = o.config.training.options;
    training.size = "tiny";
    training.steps = 2;
    training.batch = 1;
    training.pool_crops = 2;
    training.validation_crops = 0;
    training.device = "cpu";
    o.config.evaluation.last_seed = o.config.evaluation.first_seed;
    o.config.evaluation.clicks = 2;
    o.folder = folder_ / "study";
    o.command = "punctum study --config study.json";
    o.version = "0";
    o.said = [this](const std::string& line) { lines_.push_back(line); };
    return o;
  }
  bool said(const std::string& part) const {
    return std::any_of(lines_.begin(), lines_.end(), [&](const auto& l) { return l.find(part) != std::string::npos; });
  }
  const test::TempDir folder_;
  std::vector<std::string> lines_;
};

TEST_F(TinyStudy, GoesOnWhereItWasInterruptedAndWritesTheTable) {
  auto o = options();
  int asked = 0;
  o.stop = [&] { return ++asked > 2; };  // once before the arm, then after its first step
  EXPECT_FALSE(run_study(o));
  EXPECT_TRUE(std::filesystem::exists(o.folder / "unet-1/checkpoint.pt"));
  EXPECT_FALSE(std::filesystem::exists(o.folder / "unet-1/model"));

  o.stop = {};
  ASSERT_TRUE(run_study(o));
  EXPECT_TRUE(said("unet, seed 1: start step=1"));
  const auto json = nlohmann::json::parse(text_of(o.folder / "study.json"));
  EXPECT_EQ(json.at("samples"), 2);
  const auto& table = json.at("tables").at(0);
  EXPECT_GE(table.at("lesions").get<int>(), 1);
  ASSERT_EQ(table.at("arms").size(), 2U);
  EXPECT_GT(table.at("arms").at(0).at("parameters").get<int>(), 800'000);
  EXPECT_TRUE(table.at("arms").at(0).at("values").at("DSC 1").is_object());
  EXPECT_TRUE(table.at("arms").at(0).at("values").at("mean accuracy").is_null());
  EXPECT_TRUE(table.at("arms").at(1).at("values").at("DSC 1").is_null());
  EXPECT_TRUE(table.at("arms").at(1).at("values").at("mean accuracy").is_object());
  EXPECT_THAT(text_of(o.folder / "study.md"), HasSubstr("| cnn | 1 | "));
  const auto manifest = nlohmann::json::parse(text_of(o.folder / "cnn-1/model/manifest.json"));
  EXPECT_EQ(manifest.at("training").at("command"), o.command);

  const auto trials = text_of(o.folder / "unet-1/phantoms/trials.jsonl");
  lines_.clear();
  ASSERT_TRUE(run_study(o));
  EXPECT_FALSE(said("start step")) << "what is trained must not be trained again";
  EXPECT_EQ(text_of(o.folder / "unet-1/phantoms/trials.jsonl"), trials);

  o.config.training.options.steps = 3;
  EXPECT_THAT(PUNCTUM_MESSAGE_OF(ConfigError, run_study(o)), HasSubstr("begun with another training"));
}

}  // namespace
}  // namespace punctum
