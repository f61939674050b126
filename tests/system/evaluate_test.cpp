// `punctum evaluate` from the command line: what it writes, that it goes on, and that it compares.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/temp_dir.hpp"
#include "tests/system/node_process.hpp"

namespace punctum::test {
namespace {

using testing::HasSubstr;

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> short_run(const std::filesystem::path& out) {
  return {"evaluate", "--seeds", "900000..900000", "--protocols", "jittered", "--clicks",  "2",
          "--worst",  "1",       "--threads",      "1",           "--out",    out.string()};
}

TEST(Evaluate, WritesResultsReportCurvesAndTheWorstLesion) {
  const TempDir folder;
  const auto out = folder / "run";
  const auto result = punctum(short_run(out));
  ASSERT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("DSC after one click"));
  const auto results = nlohmann::json::parse(text_of(out / "results.json"));
  EXPECT_EQ(results.at("format"), "punctum-evaluation/1");
  EXPECT_GE(results.at("trials").size(), 1U);
  EXPECT_THAT(text_of(out / "report.md"), HasSubstr("the paper's Table 2"));
  EXPECT_THAT(text_of(out / "click-curves.svg"), HasSubstr("</svg>"));
  EXPECT_THAT(text_of(out / "reliability.svg"), HasSubstr("</svg>"));
  EXPECT_THAT(text_of(out / "report.md"), HasSubstr("![worst-01-phantom-900000-"));

  const auto before = text_of(out / "trials.jsonl");
  ASSERT_EQ(punctum(short_run(out)).exit_code, 0);
  EXPECT_EQ(text_of(out / "trials.jsonl"), before) << "what was tried must not be tried again";

  const auto file = (out / "results.json").string();
  const auto compared = punctum({"evaluate", "--compare", file, file});
  EXPECT_EQ(compared.exit_code, 0);
  EXPECT_THAT(compared.output, HasSubstr("| DSC after 1 click |"));
}

TEST(Evaluate, RefusesSeedsOfTraining) {
  const auto result = punctum({"evaluate", "--seeds", "899999..900010"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, HasSubstr("expected seeds from 900000 on"));
}

TEST(Evaluate, FitsTemperaturesAndThresholdsIntoTheManifest) {
  const TempDir folder;
  const auto model = folder / "model";
  std::filesystem::copy(std::filesystem::path(PUNCTUM_SOURCE_DIR) / "inference/weights/compact", model);
  auto manifest = nlohmann::json::parse(text_of(model / "manifest.json"));
  const auto shipped = manifest;
  manifest["temperatures"] = {1, 1, 1, 1, 1};
  manifest["abstain_below"] = {0, 0, 0, 0, 0};
  manifest.erase("calibration");
  std::ofstream(model / "manifest.json") << manifest;

  const auto fitted = punctum({"evaluate", "--fit", "--model", model.string(), "--seeds", "950000..950013",
                               "--protocols", "jittered", "--clicks", "5", "--threads", "1"});
  ASSERT_EQ(fitted.exit_code, 0) << fitted.output;
  EXPECT_THAT(fitted.output, HasSubstr("written to " + (model / "manifest.json").string()));
  const auto now = nlohmann::json::parse(text_of(model / "manifest.json"));
  EXPECT_NE(now.at("temperatures"), manifest.at("temperatures"));
  for (std::size_t a = 0; a < 5; ++a) {
    // Of a fifth of the lesions that the shipped ones were fitted on.
    EXPECT_NEAR(now.at("temperatures").at(a), shipped.at("temperatures").at(a), 0.5) << a;
  }
  EXPECT_THAT(now.at("calibration").at("data").get<std::string>(), HasSubstr("950000 to 950013"));
  EXPECT_GT(now.at("calibration").at("lesions"), 15);
  EXPECT_EQ(now.at("weights"), shipped.at("weights"));
  EXPECT_EQ(punctum({"evaluate", "--quick", "--cases", "1", "--model", model.string()}).exit_code, 0);
}

TEST(Evaluate, FitsOnlyOnSeedsThatAreNeitherTrainedNorTestedOn) {
  const auto result = punctum({"evaluate", "--fit", "--seeds", "900000..900010"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, HasSubstr("950000"));
}

}  // namespace
}  // namespace punctum::test
