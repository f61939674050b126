// A node whose decoder crashes on one series: that job fails with a sentence, everything else goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "dicom/net/store_scu.hpp"
#include "node/node.hpp"
#include "storage/work_stores.hpp"
#include "tests/support/dcmtk_environment.hpp"
#include "tests/support/gsps_builder.hpp"
#include "tests/support/packed_slice.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/node/ball_segmenter.hpp"

namespace punctum::test {
namespace {

using testing::HasSubstr;

/// Eight slices of one study, packed.
struct PackedSeries {
  std::vector<TestSlice> slices;
  explicit PackedSeries(const std::string& key, const std::string& comment = "none") {
    CtSeriesBuilder builder;
    builder.slice.series(key).with("ImageComments", comment);
    slices = builder.count(8).hu([](int x, int y, int z) { return x + 10 * y + 100 * z; }).build();
  }
  std::vector<Part10File> files() const {
    std::vector<Part10File> out;
    for (const auto& slice : slices) out.push_back(packed(slice));
    return out;
  }
  Part10File click(int number) const {
    GspsBuilder gsps;
    for (const auto& slice : slices) gsps.refers_to(slice);
    return gsps.refers_to(slices[4]).point(8.5, 8.5).instance(number).build_file();
  }
};

struct NodeWithADecoder : testing::Test {
  TempDir folder;
  RemoteDecoder decoder{DecodingOptions{.program = PUNCTUM_MISBEHAVING_DECODER, .workers = 2}};
  Node node{config(), std::make_unique<BallSegmenter>(), decoder.decoders()};

  Config config() const {
    Config config;
    config.data_dir = folder / "data";
    config.min_free_mb = 1;
    config.dicom.port = 0;
    config.http.port = 0;
    config.inference.settle = std::chrono::milliseconds(100);
    return config;
  }
  void send(const std::vector<Part10File>& files) const {
    std::vector<Retrievable> objects;
    for (const auto& file : files) {
      objects.push_back(retrievable(file));
    }
    for (const auto& outcome :
         send_objects({AeTitle::require("PUNCTUM"), "127.0.0.1", node.dicom_port()}, objects, {})) {
      ASSERT_EQ(outcome.kind, SendOutcome::Kind::sent) << outcome.message;
    }
  }
  /// The job of that presentation state, once it has ended.
  Job ended_job(const Part10File& gsps) const {
    const auto stores = open_work_stores(config().data_dir, /*read_only=*/true);
    for (int i = 0; i < 3000; ++i) {
      for (const auto& job : stores.jobs->list(100)) {
        const bool open = job.state == JobState::waiting || job.state == JobState::running;
        if (job.gsps_uid == gsps.name.sop_instance_uid && !open) return job;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    throw std::runtime_error("the job did not end");
  }
};

TEST_F(NodeWithADecoder, WorksOnPackedSeries) {
  const PackedSeries series("good");
  send(series.files());
  const auto click = series.click(1);
  send({click});
  const auto job = ended_job(click);
  EXPECT_EQ(job.state, JobState::delivered) << job.message;
}

TEST_F(NodeWithADecoder, FailsTheOneJobWhoseSeriesCrashesTheDecoderAndServesTheNext) {
  const PackedSeries bad("bad", "PLEASE-CRASH"), good("good");
  send(bad.files());
  send(good.files());
  const auto bad_click = bad.click(1), good_click = good.click(2);
  send({bad_click});
  send({good_click});
  const auto delivered = ended_job(good_click);
  EXPECT_EQ(delivered.state, JobState::delivered) << delivered.message;
  const auto failed = ended_job(bad_click);
  EXPECT_EQ(failed.state, JobState::failed);
  EXPECT_THAT(failed.message, HasSubstr("cannot decode pixels: the decoder crashed (SIGSEGV)"));
  EXPECT_THAT(failed.message, HasSubstr("CT image "));

  const auto late_click = good.click(3);  // and the node is as it was
  send({late_click});
  EXPECT_EQ(ended_job(late_click).state, JobState::delivered);
}

}  // namespace
}  // namespace punctum::test
