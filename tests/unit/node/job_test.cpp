#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>

#include "dicom/seg/seg_reader.hpp"
#include "dicom/types/sop_classes.hpp"
#include "node/jobs/job_feed.hpp"
#include "node/jobs/job_worker.hpp"
#include "node/pipeline/prompt_source.hpp"
#include "sr/report_text.hpp"
#include "storage/upkeep.hpp"
#include "tests/support/gsps_builder.hpp"
#include "tests/unit/node/ball_segmenter.hpp"
#include "tests/unit/node/memory_of_a_node.hpp"

namespace punctum::test {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* lesion_uid = "2.25.7001";

/// Feed and worker over a real archive; the network is a ball, and nobody sleeps.
struct JobsOfANode : testing::Test {
  MemoryOfANode node;
  std::vector<TestSlice> series = a_series("series");
  BallSegmenter network;
  SeriesCache cache{*node.archive, 1, 1 << 20};
  WakeUp arrived;
  JobFeed feed{*node.archive, *node.stores.jobs, *node.stores.followers, arrived};
  std::int64_t time_ahead_ms = 10'000;  // far enough for every series to be quiet
  JobRules rules{.first_retry = milliseconds(0)};

  static std::vector<TestSlice> a_series(const std::string& key) {
    CtSeriesBuilder builder;
    builder.slice.series(key);
    return builder.count(8).hu([](int x, int y, int z) { return x + 10 * y + 100 * z; }).build();
  }

  /// The images of `series` as they are stored when they say something else in one attribute.
  static std::vector<TestSlice> series_with(const std::string& keyword, const std::string& value) {
    CtSeriesBuilder builder;
    builder.slice.series("series").with(keyword, value);
    return builder.count(8).build();
  }

  JobWorker worker() {
    const Clock clock = [this] { return system_clock()() + time_ahead_ms; };
    return {*node.stores.jobs,
            {*node.archive, *node.stores.jobs, node.ingest, cache, network, clock, "TEST"},
            rules,
            "test"};
  }
  /// Everything that can be done now, is done.
  void work() {
    feed.catch_up();
    auto hands = worker();
    for (int i = 0; i < 20 && hands.work_once(); ++i) {
    }
  }
  GspsBuilder click(int number, int slice = 4, double column = 8.5, double row = 8.5) const {
    GspsBuilder gsps;
    gsps.instance(number).tracking(lesion_uid, "Lesion 1");
    for (const auto& one : series) gsps.refers_to(one);
    return gsps.refers_to(series.at(static_cast<std::size_t>(slice))).point(column, row);
  }
  std::vector<Job> jobs() const { return node.stores.jobs->list(100); }
  Job newest() const { return jobs().at(0); }
  Bytes file(const std::string& uid) const {
    return node.archive->read(node.archive->instance(Uid::require(uid)).value());
  }
  LesionMask mask_of(const Job& job) const {
    std::vector<PlacedSlice> slices;
    for (const auto& one : series) slices.push_back({one.name(), one.plane()});
    return read_segment(file(job.seg_uid), 1, SeriesGeometry::from_slices(slices, Uid::require("1.2.3")));
  }
};

TEST_F(JobsOfANode, ClickBecomesStoredSegmentationAndReport) {
  node.receive(series);
  node.receive(click(1).build_file());
  work();
  const auto job = newest();
  ASSERT_EQ(job.state, JobState::delivered) << job.message;
  EXPECT_EQ(job.round, 1);
  EXPECT_GT(job.stage_ms.at("total_ms"), 0);
  EXPECT_TRUE(job.stage_ms.contains("assemble_ms"));
  ASSERT_EQ(network.questions.size(), 1u);
  EXPECT_EQ(network.questions[0].clicks.at(0).voxel, (VoxelIndex{8, 8, 4}));

  const auto mask = mask_of(job);
  EXPECT_EQ(mask.count(), 33u);  // a ball of radius 2
  const auto sr = node.archive->instance(Uid::require(job.sr_uid));
  ASSERT_TRUE(sr);
  EXPECT_EQ(sr->record.origin, Origin::produced);
  EXPECT_EQ(sr->record.name.study_instance_uid, series[0].name().study_instance_uid);
  EXPECT_THAT(read_report(file(job.sr_uid)), testing::Not(IsEmpty()));
}

TEST_F(JobsOfANode, StoredResultsStartNothing) {
  node.receive(series);
  node.receive(click(1).build_file());
  work();
  work();
  EXPECT_EQ(jobs().size(), 1u);
}

TEST_F(JobsOfANode, SamePresentationStateAgainMakesNoSecondJob) {
  node.receive(series);
  const auto gsps = click(1).build_file();
  node.receive(gsps);
  work();
  node.receive(gsps);
  work();
  EXPECT_EQ(jobs().size(), 1u);
}

TEST_F(JobsOfANode, ClickBeforeItsImagesWaitsAndSaysForWhat) {
  node.receive(click(1).build_file());
  work();
  EXPECT_EQ(newest().state, JobState::waiting);
  EXPECT_THAT(newest().message, HasSubstr("waits for 1 of the 1 images"));
  EXPECT_EQ(newest().attempts, 0);
}

TEST_F(JobsOfANode, ImagesThatNeverComeRefuseTheJobAfterTheDeadline) {
  node.receive(click(1).build_file());
  time_ahead_ms = 11 * 60 * 1000;
  work();
  EXPECT_EQ(newest().state, JobState::refused);
  EXPECT_THAT(newest().message,
              HasSubstr("1 of the 1 images that the clicks were drawn on did not arrive within 10 minutes"));
}

TEST_F(JobsOfANode, SeriesThatStillGrowsIsWaitedFor) {
  node.receive(series);
  node.receive(click(1).build_file());
  time_ahead_ms = 0;
  rules.settle = milliseconds(600'000);
  work();
  EXPECT_EQ(newest().state, JobState::waiting);
  EXPECT_THAT(newest().message, HasSubstr("no more images"));
  EXPECT_THAT(network.questions, IsEmpty());
}

TEST_F(JobsOfANode, SecondRoundAddsItsClicksToTheFirstAndStartsFromItsMask) {
  node.receive(series);
  node.receive(click(1).build_file());
  work();
  const auto first = newest();
  auto gsps = click(2, 4, 8.5, 8.5);
  gsps.negative_point(10.5, 8.5);
  node.receive(gsps.build_file());
  work();
  const auto second = newest();
  ASSERT_EQ(second.state, JobState::delivered) << second.message;
  EXPECT_EQ(second.round, 2);
  EXPECT_NE(second.seg_uid, first.seg_uid);
  EXPECT_EQ(second.tracking_uid, first.tracking_uid);
  ASSERT_EQ(network.questions.size(), 2u);
  EXPECT_EQ(network.questions[1].clicks.size(), 3u);
  EXPECT_EQ(network.questions[1].clicks[2].sign, ClickSign::negative);
  EXPECT_EQ(network.questions[1].previous_voxels, 33u);
  EXPECT_EQ(network.questions[1].volume_key, network.questions[0].volume_key);
  EXPECT_LT(mask_of(second).count(), 33u);
}

TEST_F(JobsOfANode, SecondClickNeedNotDecodeTheSeriesAgain) {
  node.receive(series);
  node.receive(click(1).build_file());
  work();
  node.receive(click(2).build_file());
  work();
  EXPECT_TRUE(jobs().at(1).stage_ms.contains("assemble_ms"));
  EXPECT_FALSE(jobs().at(0).stage_ms.contains("assemble_ms"));
}

TEST_F(JobsOfANode, EmptyMaskGivesAReportThatSaysSoAndNoSegmentation) {
  network.finds_nothing = true;
  node.receive(series);
  node.receive(click(1).build_file());
  work();
  const auto job = newest();
  ASSERT_EQ(job.state, JobState::delivered) << job.message;
  EXPECT_EQ(job.seg_uid, "");
  EXPECT_NE(job.sr_uid, "");
  EXPECT_THAT(job.message, HasSubstr("Nothing was segmented"));
}

TEST_F(JobsOfANode, PresentationStateWithoutPointsIsRefusedWithASentence) {
  node.receive(series);
  node.receive(GspsBuilder{}.refers_to(series[0]).build_file());
  work();
  EXPECT_EQ(newest().state, JobState::refused);
  EXPECT_FALSE(newest().message.empty());
}

TEST_F(JobsOfANode, HugePresentationStateIsRefusedAndNotRead) {
  node.receive(series);
  auto file = click(1).build_file();
  const std::string_view private_value("\xf1\x7f\x10\x00LO\x04\x00TEST\xf1\x7f\x00\x10OB\x00\x00\x00\x00\x00\x05", 24);
  const auto head = std::as_bytes(std::span(private_value));
  file.bytes.insert(file.bytes.end(), head.begin(), head.end());
  file.bytes.resize(file.bytes.size() + 0x0500'0000);
  node.receive(file);
  work();
  EXPECT_EQ(newest().state, JobState::refused);
  EXPECT_THAT(newest().message, HasSubstr("bytes, expected at most 67108864"));
}

TEST_F(JobsOfANode, DamagedPresentationStateIsRefusedAndHoldsUpNoLaterOne) {
  node.receive(series);
  const auto damaged = click(1).build_file(), later = click(2).build_file();
  node.receive(damaged);
  node.receive(later);
  const auto upkeep = Upkeep::open(node.folder.path(), /*read_only=*/false);
  for (const auto& stored : upkeep->files_after(0, 100)) {
    if (stored.name == damaged.name) upkeep->mark(stored, FileCondition::other_bytes);
  }
  work();
  ASSERT_EQ(jobs().size(), 2u);
  EXPECT_EQ(jobs()[1].state, JobState::refused);
  EXPECT_THAT(jobs()[1].message, HasSubstr("its file is damaged"));
  EXPECT_EQ(newest().state, JobState::delivered) << newest().message;
  node.receive(damaged);  // heals
  work();
  ASSERT_EQ(jobs().size(), 3u) << "now it can be read, and is a click like any other";
  EXPECT_EQ(newest().state, JobState::delivered) << newest().message;
}

TEST_F(JobsOfANode, ColorPresentationStatesAreAnsweredLikeGrayscaleOnes) {
  node.receive(series);
  auto color = click(1), pseudo_color = click(2);
  color.sop_class(std::string(sop_class::color_softcopy_presentation_state_storage));
  pseudo_color.sop_class(std::string(sop_class::pseudo_color_softcopy_presentation_state_storage));
  node.receive(color.build_file());
  node.receive(pseudo_color.build_file());
  work();
  ASSERT_EQ(jobs().size(), 2u);
  for (const auto& job : jobs()) EXPECT_EQ(job.state, JobState::delivered) << job.message;
}

TEST_F(JobsOfANode, BlendingPresentationStateIsRefusedNotIgnored) {
  node.receive(series);
  auto gsps = click(1);
  node.receive(gsps.sop_class("1.2.840.10008.5.1.4.1.1.11.4").build_file());
  work();
  EXPECT_EQ(newest().state, JobState::refused);
  EXPECT_THAT(newest().message, HasSubstr("not a softcopy presentation state whose clicks can be used"));
}

TEST_F(JobsOfANode, ClicksOnTwoSeriesInOnePresentationStateAreTwoJobs) {
  const auto venous = a_series("venous");
  node.receive(series);
  node.receive(venous);
  auto gsps = click(1);
  node.receive(gsps.refers_to(venous[3]).point(4.5, 4.5).build_file());
  work();
  const auto done = jobs();
  ASSERT_EQ(done.size(), 2u);
  for (const auto& job : done) {
    EXPECT_EQ(job.state, JobState::delivered) << job.message;
    EXPECT_EQ(job.round, 1);
    EXPECT_EQ(job.tracking_uid, lesion_uid);
  }
  EXPECT_EQ(done[1].series_uid, series[0].name().series_instance_uid.str());
  EXPECT_EQ(done[0].series_uid, venous[0].name().series_instance_uid.str());
  EXPECT_NE(done[0].seg_uid, done[1].seg_uid);
  EXPECT_NE(done[0].sr_uid, done[1].sr_uid);
}

TEST_F(JobsOfANode, ClickOutsideTheImageIsRefused) {
  node.receive(series);
  node.receive(click(1, 4, 300, 8).build_file());
  work();
  EXPECT_EQ(newest().state, JobState::refused);
  EXPECT_THAT(newest().message, HasSubstr("outside"));
}

TEST_F(JobsOfANode, ClickOnAnImageOfAnotherPatientIsRefused) {
  node.receive(series);
  auto gsps = click(1);
  gsps.edit([](DcmDataset& dataset) { dataset.putAndInsertString(DCM_PatientID, "SOMEBODY-ELSE"); });
  node.receive(gsps.build_file());
  work();
  EXPECT_EQ(newest().state, JobState::refused);
  EXPECT_THAT(newest().message, HasSubstr("another patient"));
}

TEST_F(JobsOfANode, ClickOnAStoredImageThatIsNoCtIsRefused) {
  node.receive(series_with("SOPClassUID", "1.2.840.10008.5.1.4.1.1.4"));
  node.receive(click(1).build_file());
  work();
  EXPECT_EQ(newest().state, JobState::refused);
  EXPECT_THAT(newest().message, HasSubstr(series[4].uid().str() + ", which is no CT image"));
}

TEST_F(JobsOfANode, ClickOnAnImageThatIsStoredInAnotherSeriesIsRefused) {
  node.receive(series_with("SeriesInstanceUID", "2.25.7002"));
  node.receive(click(1).build_file());
  work();
  EXPECT_EQ(newest().state, JobState::refused);
  EXPECT_THAT(newest().message, HasSubstr("belongs to series " + series[4].name().series_instance_uid.str() +
                                          ", but it is stored in series 2.25.7002."));
}

TEST_F(JobsOfANode, ClickOnAnImageOfAnotherStudyIsRefused) {
  node.receive(series_with("StudyInstanceUID", "2.25.7003"));
  node.receive(click(1).build_file());
  work();
  EXPECT_EQ(newest().state, JobState::refused);
  EXPECT_THAT(newest().message, HasSubstr("of another study than the presentation state itself"));
}

TEST_F(JobsOfANode, SeriesWithAGapIsRefusedAndNamesTheSlices) {
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (i != 2) node.receive(series[i].file);
  }
  node.receive(click(1).build_file());
  work();
  EXPECT_EQ(newest().state, JobState::refused);
  EXPECT_FALSE(newest().message.empty());
}

TEST_F(JobsOfANode, ErrorIsTriedAgainAndBounded) {
  network.failures_left = 2;
  node.receive(series);
  node.receive(click(1).build_file());
  work();
  EXPECT_EQ(newest().state, JobState::delivered);
  EXPECT_EQ(newest().attempts, 3);

  network.failures_left = 100;
  auto other = click(2);
  node.receive(other.build_file());
  work();
  EXPECT_EQ(newest().state, JobState::failed);
  EXPECT_EQ(newest().attempts, 3);
  EXPECT_THAT(newest().message, HasSubstr("made to fail"));
}

TEST_F(JobsOfANode, InterruptedRunIsFinishedWithTheSegmentationItHadStored) {
  node.receive(series);
  node.receive(click(1).build_file());
  feed.catch_up();
  const Clock clock = [this] { return system_clock()() + time_ahead_ms; };
  const PipelineParts parts{*node.archive, *node.stores.jobs, node.ingest, cache, network, clock, "TEST"};
  StageTimes times;
  const auto prompt = read_prompt(*node.archive, newest().gsps_uid, newest().series_uid, newest().tracking_uid);
  const auto first = run_pipeline(parts, prompt, times);
  ASSERT_TRUE(std::holds_alternative<Answered>(first));
  const auto changes = node.archive->last_sequence();

  network.radius = 3;  // another mask now: what is stored must win
  work();
  EXPECT_EQ(newest().state, JobState::delivered) << newest().message;
  EXPECT_EQ(newest().sr_uid, std::get<Answered>(first).sr.str());
  EXPECT_EQ(node.archive->last_sequence(), changes);
}

}  // namespace
}  // namespace punctum::test
