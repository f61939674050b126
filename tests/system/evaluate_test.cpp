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

TEST(Evaluate, FitsOnlyOnSeedsThatAreNeitherTrainedNorTestedOn) {
  const auto result = punctum({"evaluate", "--fit", "--seeds", "900000..900010"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, HasSubstr("950000"));
}

}  // namespace
}  // namespace punctum::test
