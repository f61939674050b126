// punctum import, verify, events, delete.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "dicom/types/error.hpp"
#include "node/tools/delete_command.hpp"
#include "node/tools/events_command.hpp"
#include "node/tools/files.hpp"
#include "node/tools/import_command.hpp"
#include "node/tools/progress_line.hpp"
#include "node/tools/verify_command.hpp"
#include "tests/support/dcmtk_environment.hpp"
#include "tests/unit/node/memory_of_a_node.hpp"

namespace punctum::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class FolderCommandsTest : public testing::Test {
 protected:
  FolderCommandsTest() {
    fs::create_directories(images());
    std::ofstream(config()) << R"({"data_dir": "data", "min_free_mb": 1})";
  }
  fs::path images() const { return folder.path() / "images"; }
  fs::path config() const { return folder.path() / "node.json"; }
  std::vector<TestSlice> write_images(int number) const {
    std::vector<TestSlice> slices;
    for (int i = 1; i <= number; ++i) {
      slices.push_back(CtSliceBuilder{}.instance(i).build());
      fs::create_directories(images() / std::to_string(i % 3));
      write_file_bytes(images() / std::to_string(i % 3) / ("IM" + std::to_string(i)), slices.back().file.bytes);
    }
    return slices;
  }
  /// Exit code and what was printed, as JSON.
  template <class Function>
  static std::pair<int, nlohmann::json> json_of(Function&& command) {
    testing::internal::CaptureStdout();
    const int code = command();
    return {code, nlohmann::json::parse(testing::internal::GetCapturedStdout())};
  }
  std::pair<int, nlohmann::json> import() const {
    return json_of([&] { return run_import({config(), {images()}, true}); });
  }
  std::pair<int, nlohmann::json> verify() const {
    return json_of([&] { return run_verify({config(), true}); });
  }
  TempDir folder;
};

TEST_F(FolderCommandsTest, ImportTakesInAFolderAndASecondRunSkipsWhatIsThere) {
  const auto slices = write_images(7);
  write_file_bytes(images() / "notes.txt", ByteView(slices[0].file.bytes).first(40));
  const auto [code, report] = import();
  EXPECT_EQ(code, 0);
  EXPECT_EQ(report.at("stored"), 7);
  EXPECT_EQ(report.at("not_dicom"), 1);
  write_images(9);
  const auto [again_code, again] = import();
  EXPECT_EQ(again_code, 0);
  EXPECT_EQ(again.at("already_there"), 7);
  EXPECT_EQ(again.at("stored"), 2);
  EXPECT_EQ(verify().first, 0);
  EXPECT_EQ(verify().second.at("instances"), 9);
}

TEST_F(FolderCommandsTest, ImportListsBadFilesWithTheirReasonAndLeavesThemAlone) {
  const auto slices = write_images(2);
  const auto& whole = slices[0].file.bytes;
  write_file_bytes(images() / "cut", ByteView(whole).first(whole.size() / 8));
  auto changed = CtSliceBuilder{}.instance(1).hu([](int, int) { return 7; }).build().file.bytes;
  write_file_bytes(images() / "zz_other", changed);
  EXPECT_EQ(import().first, 1);
  const auto [code, report] = import();
  EXPECT_EQ(code, 1);
  ASSERT_EQ(report.at("bad").size(), 2u) << report.dump(2);
  const auto reason_of = [&](const std::string& name) -> std::string {  // folders list their files in any order
    for (const auto& bad : report.at("bad")) {
      if (bad.at("file").get<std::string>().ends_with(name)) return bad.at("reason");
    }
    return "not listed";
  };
  EXPECT_THAT(reason_of("cut"), HasSubstr("cannot read")) << report.dump(2);
  EXPECT_TRUE(reason_of("zz_other").find("stored already") != std::string::npos ||
              reason_of("IM1").find("stored already") != std::string::npos)
      << report.dump(2);
  EXPECT_TRUE(fs::exists(images() / "cut"));
  EXPECT_TRUE(fs::is_empty(folder.path() / "data/quarantine"));
}

TEST_F(FolderCommandsTest, ImportGoesOnPastALinkToItselfAndReadsNoFilmWhole) {
  write_images(3);
  fs::create_symlink("loop", images() / "loop");
  write_file_bytes(images() / "film", ByteView());
  fs::resize_file(images() / "film", std::uintmax_t{1} << 40);  // a terabyte of nothing; who reads it dies
  const auto [code, report] = import();
  EXPECT_EQ(code, 1);
  EXPECT_EQ(report.at("stored"), 3) << report.dump(2);
  EXPECT_EQ(report.at("not_dicom"), 1);
  ASSERT_EQ(report.at("bad").size(), 1u);
  EXPECT_THAT(std::string(report.at("bad")[0].at("file")), HasSubstr("loop"));
}

TEST_F(FolderCommandsTest, ImportIntoTheFolderOfARunningNodeIsRefused) {
  write_images(1);
  ArchiveOptions options;
  options.data_dir = folder.path() / "data";
  const auto node = Archive::open(options);
  EXPECT_THROW(run_import({config(), {images()}, true}), StorageError);
}

TEST_F(FolderCommandsTest, VerifyFindsDamageMissingFilesAndStrangers) {
  write_images(4);
  EXPECT_EQ(import().first, 0);
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder.path() / "data/blobs")) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  ASSERT_EQ(files.size(), 4u);
  for (const auto& file : files) fs::permissions(file, fs::perms::owner_write, fs::perm_options::add);
  const auto overwrite = [](const fs::path& file, std::streamoff at) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(at);
    stream << "####";
  };
  overwrite(files[0], static_cast<std::streamoff>(fs::file_size(files[0]) - 4));
  overwrite(files[1], 128);  // before the data set: the digest does not see it
  fs::remove(files[2]);
  fs::copy_file(files[3], files[3].string() + "copy");
  fs::permissions(files[3].string() + "copy", fs::perms::owner_read);
  const auto [code, report] = verify();
  EXPECT_EQ(code, 1);
  EXPECT_FALSE(report.at("sound"));
  EXPECT_EQ(report.at("instances"), 4);
  EXPECT_EQ(report.at("damaged").size(), 3u) << report.dump(2);
  EXPECT_EQ(report.at("files_without_row").size(), 1u);
  EXPECT_TRUE(report.at("index_faults").empty());
}

TEST_F(FolderCommandsTest, DeleteRemovesAStudyAndEventsTellOfIt) {
  const auto slices = write_images(3);
  import();
  const auto study = slices[0].name().study_instance_uid.str();
  const auto remove = [&](bool even) { return json_of([&] { return run_delete({config(), {study}, even, true}); }); };
  EXPECT_EQ(remove(false).second.at("studies")[0].at("outcome"), "held");
  const auto [code, report] = remove(true);
  EXPECT_EQ(code, 0);
  EXPECT_EQ(report.at("studies")[0].at("instances"), 3);
  EXPECT_EQ(verify().second.at("instances"), 0);
  EXPECT_EQ(remove(true).first, 1) << "no such study";
  const auto [events_code, events] = json_of([&] { return run_events({config(), 10, true}); });
  EXPECT_EQ(events_code, 0);
  EXPECT_EQ(events.at("events")[0].at("kind"), "study_deleted");
  EXPECT_EQ(events.at("events")[0].at("study_instance_uid"), study);
}

TEST(ProgressLine, SaysHowFarHowFastAndHowLong) {
  EXPECT_EQ(progress_text(0, 10, 0), "[>                             ] 0 %  0/10");
  EXPECT_EQ(progress_text(450, 1000, 4.5), "[=============>                ] 45 %  450/1000  100/s  6 s left");
  EXPECT_EQ(progress_text(10, 10, 2), "[==============================] 100 %  10/10  5/s");
}

}  // namespace
}  // namespace punctum::test
