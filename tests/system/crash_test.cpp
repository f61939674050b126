// kill -9 at random moments of an ingest: what was acknowledged is there afterwards, byte for byte, and jobs go on.
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "dicom/net/store_scu.hpp"
#include "tests/support/ct_slice_builder.hpp"
#include "tests/support/dcmtk_environment.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/system/node_process.hpp"
#include "tests/system/phantom_case.hpp"

namespace punctum::test {
namespace {

constexpr int kills = 20;
constexpr int slices_a_study = 400;

Bytes dataset_of(const Bytes& file) {
  const auto offset = locate_dataset(file).dataset_offset;
  return {file.begin() + static_cast<std::ptrdiff_t>(offset), file.end()};
}

std::vector<TestSlice> a_study(int number) {
  CtSeriesBuilder builder;
  builder.slice.study("crash " + std::to_string(number)).size(64, 64);
  return builder.count(slices_a_study).build();
}

std::vector<Retrievable> to_send(const std::vector<TestSlice>& slices) {
  std::vector<Retrievable> out;
  for (const auto& slice : slices) {
    out.push_back({slice.name(), slice.file.transfer_syntax_uid, locate_dataset(slice.bytes()).dataset_offset,
                   [&slice] { return slice.bytes(); }});
  }
  return out;
}

/// Sends until the line breaks. @return what was acknowledged, as many as came before that.
std::size_t send_until_killed(const Peer& node, const std::vector<TestSlice>& slices) {
  std::size_t acknowledged = 0;
  send_objects(node, to_send(slices), {}, [&](std::size_t, const SendOutcome& outcome) {
    if (outcome.kind == SendOutcome::Kind::sent) ++acknowledged;
  });
  return acknowledged;
}

/// Data sets of a study by SOP Instance UID, fetched by getscu as they are stored.
std::map<std::string, Bytes> fetch_study(const NodeProcess& node, const std::string& study) {
  const TempDir folder;
  run_program({"getscu", "-S", "+B", "-aec", "PUNCTUM", "-od", folder.path().string(), "-k", "QueryRetrieveLevel=STUDY",
               "-k", "StudyInstanceUID=" + study, "127.0.0.1", node.port()});
  std::map<std::string, Bytes> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    const auto bytes = read_file(entry.path());
    const auto dataset = parse_part10(bytes, Extent::header);
    out.emplace(require_sop_instance(*dataset).sop_instance_uid.str(), dataset_of(bytes));
  }
  return out;
}

TEST(Crash, AcknowledgedInstancesSurviveTwentyKillsAndWaitingJobsFinish) {
  std::random_device seed;
  std::mt19937 random(seed());
  const TempDir folder, phantom_folder;
  const auto phantom = PhantomCase::make(phantom_folder.path(), 900001);
  NodeProcess node(folder.path(), {{"inference", {{"settle_s", 1.0}}}});
  node.start();
  ASSERT_EQ(punctum({"send", phantom.ct.string(), "--to", node.address().str()}).exit_code, 0);
  ASSERT_EQ(
      punctum({"click", phantom.ct.string(), "--lps=" + lps(phantom.click(0)), "--to", node.address().str()}).exit_code,
      0);

  std::size_t acknowledged_in_all = 0;
  for (int round = 0; round < kills; ++round) {
    const auto slices = a_study(round);
    const auto moment = std::chrono::milliseconds(std::uniform_int_distribution(5, 400)(random));
    std::size_t acknowledged = 0;
    {
      std::jthread sender([&] { acknowledged = send_until_killed(node.address(), slices); });
      std::this_thread::sleep_for(moment);
      node.kill();
    }
    node.start();
    const auto stored = fetch_study(node, slices[0].name().study_instance_uid.str());
    for (std::size_t i = 0; i < acknowledged; ++i) {
      const auto found = stored.find(slices[i].uid().str());
      ASSERT_NE(found, stored.end()) << "kill " << round << " after " << moment.count()
                                     << " ms lost acknowledged slice " << i << " of " << acknowledged << "\n"
                                     << node.log();
      ASSERT_EQ(found->second, dataset_of(slices[i].bytes()));
    }
    acknowledged_in_all += acknowledged;
  }
  EXPECT_GT(acknowledged_in_all, 100u) << "the kills came too early to prove anything";
  RecordProperty("acknowledged", static_cast<int>(acknowledged_in_all));
  EXPECT_EQ(node.finished_job(1).at("state"), "delivered") << node.log();
}

}  // namespace
}  // namespace punctum::test
