#include "node/tools/show_command.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/dcmtk_environment.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/sr/report_fixture.hpp"

namespace punctum {
namespace {

using namespace test;

class ShowCommand : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(folder_ / "ct");
    for (std::size_t i = 0; i < result_.slices.size(); ++i) {
      write_file(folder_ / "ct" / (std::to_string(i) + ".dcm"), result_.slices[i].bytes());
    }
    write_file(folder_ / "seg.dcm", result_.seg.bytes);
    write_file(folder_ / "sr.dcm", result_.sr.bytes);
  }
  /// What the command prints, and its exit code.
  std::string shown(const ShowOptions& options, int expected_exit = 0) {
    testing::internal::CaptureStdout();
    EXPECT_EQ(run_show(options), expected_exit);
    return testing::internal::GetCapturedStdout();
  }
  TempDir folder_;
  WrittenResult result_ = written_result();
};

TEST_F(ShowCommand, PrintsAReportAsATable) {
  const auto text = shown({.file = folder_ / "sr.dcm"});
  EXPECT_NE(text.find("Lesion 1, round 1"), std::string::npos);
  EXPECT_NE(text.find("Punctate, nodular"), std::string::npos);
  EXPECT_NE(text.find("80 %"), std::string::npos);
}

TEST_F(ShowCommand, PrintsASegmentationAndDrawsIt) {
  const auto json = nlohmann::json::parse(
      shown({.file = folder_ / "seg.dcm", .ct_folder = folder_ / "ct", .overlay = folder_ / "x.png", .json = true}));
  const auto& segment = json["segments"][0];
  EXPECT_EQ(segment["label"], "Lesion 1");
  EXPECT_EQ(segment["tracking_uid"], result_.identity.lesion.tracking_uid.str());
  EXPECT_GT(segment["voxels"], 0);
  EXPECT_EQ(segment["picture"], (folder_ / "x.png").string());
  EXPECT_TRUE(std::filesystem::exists(folder_ / "x.png"));
}

TEST_F(ShowCommand, ShowsNumbersWhereTheCtIsMissing) {
  std::filesystem::remove_all(folder_ / "ct");
  const auto text = shown({.file = folder_ / "seg.dcm"});
  EXPECT_NE(text.find("segment 1  Lesion 1"), std::string::npos);
  EXPECT_EQ(text.find("picture"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "seg.png"));
}

TEST_F(ShowCommand, RefusesWhatItCannotShow) {
  EXPECT_EQ(shown({.file = folder_ / "missing.dcm"}, 1), "");
  write_file(folder_ / "text.dcm", Bytes(200));
  EXPECT_EQ(shown({.file = folder_ / "text.dcm"}, 1), "");
  EXPECT_EQ(shown({.file = folder_ / "ct/0.dcm"}, 1), "");
}

}  // namespace
}  // namespace punctum
