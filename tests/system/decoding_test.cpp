// A real node and a compressed series: the pixels are decoded by a process of its own, which ends with the node.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/dcmtk_environment.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/system/node_process.hpp"
#include "tests/system/phantom_case.hpp"

namespace punctum::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string first_line_of(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

/// The running decoders that a process started: "PID (NAME) STATE PARENT ..." (proc(5)).
std::vector<pid_t> decoders_of(pid_t node) {
  std::vector<pid_t> out;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const auto line = first_line_of(entry.path() / "stat");
    const auto name = line.find(" (punctum-decode) ");
    if (name == std::string::npos) continue;
    const auto state = line.at(name + 18);
    if (state != 'Z' && std::stol(line.substr(name + 20)) == node) out.push_back(std::stoi(line));
  }
  return out;
}

bool is_running(pid_t process) {
  const auto line = first_line_of("/proc/" + std::to_string(process) + "/stat");
  return !line.empty() && line.find(") Z") == std::string::npos;
}

struct PackedCorridor : testing::Test {
  TempDir folder;
  PhantomCase phantom = PhantomCase::make(folder.path(), 900002);
  NodeProcess node{folder.path()};

  void SetUp() override {
    for (const auto& file : dicom_files_in(phantom.ct)) {
      const auto packed = run_program({"dcmcjpls", file.string(), file.string()});
      if (packed.exit_code == 127) GTEST_SKIP() << "needs dcmcjpls";
      ASSERT_EQ(packed.exit_code, 0) << packed.output;
    }
    node.start();
    const auto sent = punctum({"send", phantom.ct.string(), "--to", node.address().str()});
    ASSERT_EQ(sent.exit_code, 0) << sent.output;
  }
  void click() const {
    const auto clicked =
        punctum({"click", phantom.ct.string(), "--lps=" + lps(phantom.click(0)), "--to", node.address().str()});
    ASSERT_EQ(clicked.exit_code, 0) << clicked.output;
  }
};

TEST_F(PackedCorridor, NodeStartsDecodersWhenAClickNeedsThemAndTheyEndWithItEvenWhenItIsKilled) {
  EXPECT_THAT(decoders_of(node.process()), IsEmpty());
  click();
  const auto job = node.finished_job(1);
  EXPECT_EQ(job.at("state"), "delivered") << job.dump(2) << node.log();
  const auto decoders = decoders_of(node.process());
  ASSERT_THAT(decoders, Not(IsEmpty()));
  node.kill();
  for (const auto decoder : decoders) {
    for (int i = 0; i < 100 && is_running(decoder); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_FALSE(is_running(decoder)) << decoder;
  }
}

TEST_F(PackedCorridor, JobIsTriedAgainWhenItsDecoderIsKilled) {
  // Killed as soon as it is there, before or while it decodes.
  click();
  bool killed = false;
  for (int i = 0; i < 2000 && !killed; ++i) {
    for (const auto decoder : decoders_of(node.process())) killed = kill(decoder, SIGKILL) == 0 || killed;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ASSERT_TRUE(killed);
  const auto job = node.finished_job(1);
  EXPECT_EQ(job.at("state"), "delivered") << job.dump(2) << node.log();
}

}  // namespace
}  // namespace punctum::test
