// `punctum train` from the command line: interrupted, gone on, exported; and the weights evaluated on real files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/files.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/system/node_process.hpp"
#include "tests/system/phantom_case.hpp"

namespace punctum::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr std::uint64_t first_seed = 42;

/// Two phantoms as somebody's patients: one to train on, one to test on, one file of contours each.
class Train : public testing::Test {
 protected:
  void SetUp() override {
    make_phantoms(folder_.path(), first_seed, 2);
    std::ofstream manifest(folder_ / "manifest.jsonl");
    for (const auto* split : {"train", "test"}) {
      const auto name = "case-" + std::to_string(first_seed + static_cast<std::uint64_t>(patients_));
      const auto segment = PhantomCase::read(folder_.path(), first_seed + static_cast<std::uint64_t>(patients_))
                               .truth.at("lesions")
                               .at(0)
                               .at("segment");
      manifest << nlohmann::json{{"image", name + "/ct"}, {"mask", name + "/truth.dcm"},
                                 {"labels", {segment}},   {"patient", "P" + std::to_string(++patients_)},
                                 {"split", split},        {"licence", "CC-BY-NC-4.0"}}
                      .dump()
               << '\n';
    }
  }

  fs::path write_config(int steps) const {
    const nlohmann::json config{{"size", "tiny"},
                                {"steps", steps},
                                {"batch", 1},
                                {"pool_crops", 2},
                                {"uses_per_crop", 100},
                                {"validation_crops", 2},
                                {"data",
                                 {{{"kind", "lesions"},
                                   {"name", "ours"},
                                   {"manifest", "manifest.jsonl"},
                                   {"licence", "MIT"},
                                   {"statement", "Two phantoms."}}}}};
    std::ofstream(folder_ / "config.json") << config;
    return folder_ / "config.json";
  }

  std::vector<std::string> train(int steps) const {
    return {"train", "--config", write_config(steps).string(), "--folder", run()};
  }
  /// Runs the program until its training has begun and a moment longer, then as Ctrl-C does.
  ProgramResult interrupted(const std::vector<std::string>& arguments) const {
    std::string command = PUNCTUM_PROGRAM;
    for (const auto& argument : arguments) command += " '" + argument + "'";
    const auto log = "'" + (folder_ / "log").string() + "'";
    const auto wait = "while ! grep -q '^start ' " + log + " && kill -0 $!; do sleep 0.1; done; sleep 2";
    return run_program({"bash", "-c", command + " > " + log + " & " + wait + "; kill -INT $!; wait $!; cat " + log});
  }
  std::string run() const { return (folder_ / "run").string(); }
  std::string model() const { return (folder_ / "model").string(); }

  TempDir folder_;
  int patients_ = 0;
};

TEST_F(Train, GoesOnWhereItWasInterruptedAndGivesWeightsThatSayWhatTheyMayBeUsedFor) {
  const auto first = interrupted(train(1'000'000));
  ASSERT_THAT(first.output, HasSubstr("trained to step ")) << "an interrupt is an end like any other";
  const int reached = std::stoi(first.output.substr(first.output.rfind("trained to step ") + 16));
  ASSERT_GE(reached, 0);  // a machine with much else to do may not have come further

  const auto second = punctum(train(reached + 3));
  ASSERT_EQ(second.exit_code, 0) << second.output;
  EXPECT_THAT(second.output, HasSubstr("trained to step " + std::to_string(reached + 3)));
  EXPECT_THAT(second.output, Not(HasSubstr("validate"))) << "there is no patient to validate on";
  EXPECT_TRUE(fs::exists(fs::path(run()) / "curves.svg"));

  const auto exported =
      punctum({"train", "--folder", run(), "--export", model(), "--version", "0.0.1", "--evaluation-crops", "4"});
  ASSERT_EQ(exported.exit_code, 0) << exported.output;
  const auto manifest = nlohmann::json::parse(std::ifstream(fs::path(model()) / "manifest.json"));
  EXPECT_EQ(manifest.at("use"), "research");
  EXPECT_EQ(manifest.at("licence"), "CC-BY-NC-4.0") << "of a line of the manifest; the configuration said less";

  const auto tried =
      punctum({"evaluate", "--model", model(), "--manifest", (folder_ / "manifest.jsonl").string(), "--split", "test",
               "--protocols", "jittered", "--clicks", "2", "--out", (folder_ / "tried").string()});
  ASSERT_EQ(tried.exit_code, 0) << tried.output;
  const auto results = nlohmann::json::parse(std::ifstream(folder_ / "tried" / "results.json"));
  ASSERT_EQ(results.at("trials").size(), 1U);
  EXPECT_EQ(results.at("trials").at(0).at("patient"), "P2");
}

TEST_F(Train, RefusesConfigurationsThatNobodyCanMean) {
  auto config = nlohmann::json::parse(std::ifstream(write_config(3)));
  config["stepps"] = 4;
  std::ofstream(folder_ / "config.json") << config;
  const auto unknown = punctum({"train", "--config", (folder_ / "config.json").string(), "--folder", run()});
  EXPECT_NE(unknown.exit_code, 0);
  EXPECT_THAT(unknown.output, HasSubstr("stepps"));
  EXPECT_FALSE(fs::exists(fs::path(run()) / "checkpoint.pt"));
}

}  // namespace
}  // namespace punctum::test
