// punctum import, killed again and again, takes in every file in the end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <thread>

#include "dicom/dcmtk/part10.hpp"
#include "storage/archive.hpp"
#include "tests/support/dcmtk_environment.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/system/torture.hpp"

namespace punctum::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::microseconds;

std::size_t files_below(const fs::path& folder) {
  std::error_code gone;  // a file that the import has just removed
  return fs::exists(folder) ? static_cast<std::size_t>(std::ranges::distance(
                                  fs::recursive_directory_iterator(folder, gone), fs::recursive_directory_iterator()))
                            : 0;
}

/// Killed once it has made so many more files, and a moment later. @return false: it came to its end before.
bool import_killed_after(std::size_t more_files, microseconds moment, const fs::path& config, const fs::path& images) {
  const auto blobs = config.parent_path() / "data" / "blobs";
  const auto before = files_below(blobs);
  const pid_t process = fork();
  if (process == 0) {
    execl(PUNCTUM_PROGRAM, PUNCTUM_PROGRAM, "import", "--config", config.c_str(), images.c_str(), nullptr);
    _exit(127);
  }
  int status = 0;
  while (files_below(blobs) < before + more_files) {
    if (::waitpid(process, &status, WNOHANG) == process) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  std::this_thread::sleep_for(moment);
  ::kill(process, SIGKILL);
  ::waitpid(process, &status, 0);
  return WIFSIGNALED(status);
}

ByteView data_set_of(const Bytes& file) { return ByteView(file).subspan(locate_dataset(file).dataset_offset); }

TEST(Import, KilledAgainAndAgainTakesInEveryFileInTheEnd) {
  constexpr int files = 400;
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const TempDir folder;
  const auto config = write_node_config(folder.path());
  const auto images = folder / "images";
  std::map<std::string, Bytes> written;
  for (int i = 1; i <= files; ++i) {
    const auto slice = CtSliceBuilder{}.study("imported " + std::to_string(i % 5)).size(128, 128).instance(i).build();
    fs::create_directories(images / std::to_string(i % 7));
    write_file(images / std::to_string(i % 7) / ("IM" + std::to_string(i)), slice.bytes());
    written.emplace(slice.uid().str(), slice.bytes());
  }

  int killed = 0;
  for (int round = 0; round < 12; ++round) {
    const auto more = std::uniform_int_distribution<std::size_t>(1, 120)(random);
    const auto moment = microseconds(std::uniform_int_distribution(0, 20'000)(random));
    killed += import_killed_after(more, moment, config, images);
  }
  EXPECT_GT(killed, 0) << "the kills came too late to prove anything";

  const auto last = punctum({"import", "--json", "--config", config.string(), images.string()});
  ASSERT_EQ(last.exit_code, 0) << last.output;
  const auto report = nlohmann::json::parse(last.output.substr(last.output.find('{')));
  EXPECT_EQ(report.at("stored").get<int>() + report.at("already_there").get<int>(), files) << last.output;
  EXPECT_GT(report.at("already_there").get<int>(), 0) << "the kills came too early to prove anything";
  const auto verified = punctum({"verify", "--config", config.string()});
  EXPECT_EQ(verified.exit_code, 0) << verified.output;

  ArchiveOptions options;
  options.data_dir = folder / "data";
  const auto archive = Archive::open(options);
  for (const auto& [uid, bytes] : written) {
    const auto stored = archive->instance(Uid::require(uid));
    ASSERT_TRUE(stored.has_value()) << uid;
    const auto kept = archive->read(*stored);  // its file meta information is ours, its data set is the modality's
    EXPECT_TRUE(std::ranges::equal(data_set_of(kept), data_set_of(bytes))) << uid;
  }
}

}  // namespace
}  // namespace punctum::test
