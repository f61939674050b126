// The whole corridor over real sockets with DCMTK's programs as foreign clients. Only the network is stood in for
// (tests/unit/node/ball_segmenter.hpp): tests/system runs the same way with the real one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

#include "dicom/dcmtk/part10.hpp"
#include "node/ingest/ingest.hpp"
#include "node/node.hpp"
#include "storage/work_stores.hpp"
#include "tests/integration/net_programs.hpp"
#include "tests/support/dcmtk_environment.hpp"
#include "tests/support/files.hpp"
#include "tests/support/gsps_builder.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/node/ball_segmenter.hpp"

namespace punctum::test {
namespace {

using testing::HasSubstr;

struct Corridor : testing::Test {
  TempDir folder;
  std::uint16_t archive_port = free_port();
  std::vector<TestSlice> series =
      CtSeriesBuilder{}.count(8).hu([](int x, int y, int z) { return x + 10 * y + 100 * z; }).build();
  std::unique_ptr<Node> node = start();

  Config config() const {
    Config config;
    config.data_dir = folder / "data";
    config.min_free_mb = 1;
    config.dicom.port = 0;
    config.dicom.peers.emplace(AeTitle::require("ARCHIVE"),
                               Peer{AeTitle::require("ARCHIVE"), "127.0.0.1", archive_port});
    config.http.port = 0;
    config.inference.settle = std::chrono::milliseconds(100);
    config.deliver = {AeTitle::require("ARCHIVE")};
    return config;
  }
  std::unique_ptr<Node> start() const {
    return std::make_unique<Node>(config(), std::make_unique<BallSegmenter>(), Decoders{});
  }
  std::string port() const { return std::to_string(node->dicom_port()); }

  void send(const std::vector<Part10File>& files) const {
    std::vector<std::string> command{"storescu", "-aec", "PUNCTUM", "127.0.0.1", port()};
    const TempDir outgoing;
    for (std::size_t i = 0; i < files.size(); ++i) {
      const auto path = outgoing / (std::to_string(i) + ".dcm");
      write_file(path, files[i].bytes);
      command.push_back(path.string());
    }
    const auto result = run_program(command);
    ASSERT_EQ(result.exit_code, 0) << result.output;
  }
  void send(const std::vector<TestSlice>& slices) const {
    std::vector<Part10File> files;
    for (const auto& slice : slices) files.push_back(slice.file);
    send(files);
  }
  GspsBuilder click() const {
    GspsBuilder gsps;
    for (const auto& slice : series) gsps.refers_to(slice);
    return gsps.refers_to(series[4]).point(8.5, 8.5);
  }
  /// The newest job, once there are that many and none is open.
  Job finished_job(std::size_t jobs = 1) const {
    const auto stores = open_work_stores(config().data_dir, /*read_only=*/true);
    for (int i = 0; i < 500; ++i) {
      const auto list = stores.jobs->list(100);
      const auto open = [](const Job& job) { return job.state == JobState::waiting || job.state == JobState::running; };
      if (list.size() >= jobs && std::ranges::none_of(list, open)) return list.front();
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    throw std::runtime_error("the job did not end");
  }
  std::string find(const std::vector<std::string>& keys) const {
    std::vector<std::string> command{"findscu", "-v", "-S", "-aec", "PUNCTUM", "127.0.0.1", port()};
    for (const auto& key : keys) command.insert(command.end(), {"-k", key});
    return run_program(command).output;
  }
};

TEST_F(Corridor, CtAndClickBecomeSegAndSrThatForeignClientsFindAndFetch) {
  send(series);
  send({click().build_file()});
  const auto job = finished_job();
  ASSERT_EQ(job.state, JobState::delivered) << job.message;

  const auto study = "StudyInstanceUID=" + series[0].name().study_instance_uid.str();
  const auto found = find({"QueryRetrieveLevel=SERIES", study, "Modality", "SeriesDescription", "SeriesInstanceUID"});
  EXPECT_THAT(found, HasSubstr("[SEG"));
  EXPECT_THAT(found, HasSubstr("[SR"));
  EXPECT_THAT(found, HasSubstr("round 1"));

  const TempDir fetched;
  const auto got = run_program({"getscu", "-S", "-aec", "PUNCTUM", "-od", fetched.path().string(), "-k",
                                "QueryRetrieveLevel=STUDY", "-k", study, "127.0.0.1", port()});
  EXPECT_EQ(got.exit_code, 0) << got.output;
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(fetched.path())) ++files;
  EXPECT_EQ(files, series.size() + 3);
}

TEST_F(Corridor, ResultsGoToThePeersOfDeliver) {
  const TempDir received;
  const BackgroundProgram peer(
      {"storescp", "-aet", "ARCHIVE", "-od", received.path().string(), std::to_string(archive_port)});
  ASSERT_TRUE(wait_for_listener(archive_port));
  send(series);
  send({click().build_file()});
  const auto job = finished_job();
  ASSERT_EQ(job.state, JobState::delivered) << job.message;
  const auto stores = open_work_stores(config().data_dir, /*read_only=*/true);
  std::size_t sent = 0;
  for (int i = 0; i < 500 && sent < 2; ++i) {
    sent = 0;
    for (const auto& delivery : stores.deliveries->list(10)) sent += delivery.state == DeliveryState::sent ? 1 : 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(sent, 2u);
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(received.path())) ++files;
  EXPECT_EQ(files, 2u);
}

TEST_F(Corridor, ClickThatArrivedWhileTheNodeWasDownIsDoneAfterTheStart) {
  send(series);
  node.reset();
  {
    // What another process of the same archive would have stored meanwhile.
    ArchiveOptions options;
    options.data_dir = config().data_dir;
    const auto archive = Archive::open(options);
    Ingest ingest(*archive);
    const auto gsps = click().build_file();
    const Caller caller{AeTitle::require("VIEWER"), AeTitle::require("PUNCTUM"), "127.0.0.1", 1};
    const auto sink =
        ingest.begin_store({caller, gsps.name.sop_class_uid, gsps.name.sop_instance_uid, gsps.transfer_syntax_uid});
    sink->write(ByteView(gsps.bytes).subspan(locate_dataset(gsps.bytes).dataset_offset));
    sink->finish();
  }
  node = start();
  EXPECT_EQ(finished_job().state, JobState::delivered);
}

TEST_F(Corridor, ClickMayComeBeforeItsImages) {
  send({click().build_file()});
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  send(series);
  EXPECT_EQ(finished_job().state, JobState::delivered);
}

TEST_F(Corridor, MoveSendsAStudyToAKnownPeerOnly) {
  const TempDir received;
  const BackgroundProgram peer(
      {"storescp", "-aet", "ARCHIVE", "-od", received.path().string(), std::to_string(archive_port)});
  ASSERT_TRUE(wait_for_listener(archive_port));
  send(series);
  const auto study = "StudyInstanceUID=" + series[0].name().study_instance_uid.str();
  const auto moved = run_program({"movescu", "-v", "-S", "-aec", "PUNCTUM", "-aem", "ARCHIVE", "-k",
                                  "QueryRetrieveLevel=STUDY", "-k", study, "127.0.0.1", port()});
  EXPECT_EQ(moved.exit_code, 0) << moved.output;
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(received.path())) ++files;
  EXPECT_EQ(files, series.size());
  const auto nowhere = run_program({"movescu", "-v", "-S", "-aec", "PUNCTUM", "-aem", "NOBODY", "-k",
                                    "QueryRetrieveLevel=STUDY", "-k", study, "127.0.0.1", port()});
  EXPECT_THAT(nowhere.output,
              testing::AnyOf(HasSubstr("Unknown"), HasSubstr("MoveDestinationUnknown"), HasSubstr("a801")));
}

TEST_F(Corridor, HierarchicalQueryWithoutTheKeysAboveIsToldSo) {
  send(series);
  EXPECT_THAT(find({"QueryRetrieveLevel=SERIES", "SeriesInstanceUID"}),
              testing::ContainsRegex("0xa900|DataSetDoesNotMatch"));
}

}  // namespace
}  // namespace punctum::test
