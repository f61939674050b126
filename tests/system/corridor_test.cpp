// A real node, the shipped network, foreign clients: CT in, clicks in, SEG and SR out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "dicom/seg/seg_reader.hpp"
#include "sr/report_text.hpp"
#include "tests/support/dcmtk_environment.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/system/node_process.hpp"
#include "tests/system/phantom_case.hpp"

namespace punctum::test {
namespace {

using testing::HasSubstr;
using testing::Not;

// Lesions that the shipped network marks well: this is about the way of a click; how good masks are on the average is
// asked by held_out_phantoms_test.
constexpr std::uint64_t first_seed = 900002;

/// One phantom with two lesions of a millilitre or more, one node that has its CT. The phantom is made once for all
/// tests.
struct SystemCorridor : testing::Test {
  static inline std::unique_ptr<TempDir> phantom_folder;
  static inline std::unique_ptr<PhantomCase> phantom;
  static inline std::size_t lesion = 0, another_lesion = 0;  ///< two that are large enough to be sure of
  static void SetUpTestSuite() {
    phantom_folder = std::make_unique<TempDir>();
    for (auto seed = first_seed; !phantom || phantom->lesions_of_at_least(1.0).size() < 2; ++seed) {
      phantom = std::make_unique<PhantomCase>(PhantomCase::make(phantom_folder->path(), seed));
    }
    lesion = phantom->lesions_of_at_least(1.0).at(0);
    another_lesion = phantom->lesions_of_at_least(1.0).at(1);
  }
  static void TearDownTestSuite() {
    phantom.reset();
    phantom_folder.reset();
  }

  TempDir folder;
  NodeProcess node{folder.path()};
  void SetUp() override { node.start(); }

  void send_ct() const {
    const auto sent =
        run_program({"storescu", "-aec", "PUNCTUM", "+sd", "127.0.0.1", node.port(), phantom->ct.string()});
    ASSERT_EQ(sent.exit_code, 0) << sent.output;
  }
  void click(const std::vector<std::string>& options) const {
    std::vector<std::string> arguments{"click", phantom->ct.string(), "--to", node.address().str()};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const auto clicked = punctum(arguments);
    ASSERT_EQ(clicked.exit_code, 0) << clicked.output;
  }
  Bytes fetch(const std::string& instance) const { return fetch_instance(node.port(), phantom->study(), instance); }
  LesionMask mask_of(const nlohmann::json& job) const {
    return read_segment(fetch(job.at("seg_uid")), 1, phantom->geometry);
  }
  /// Delivered, with a report in any case, and a segmentation only where so little was marked.
  void expect_reported_with_at_most(double ml, const nlohmann::json& job) const {
    ASSERT_EQ(job.at("state"), "delivered") << job.dump(2);
    EXPECT_FALSE(read_report(fetch(job.at("sr_uid"))).empty());
    if (job.at("seg_uid") == "") {
      EXPECT_THAT(job.at("message").get<std::string>(), HasSubstr("Nothing was segmented"));
    } else {
      const auto marked_ml = static_cast<double>(mask_of(job).count()) * phantom->geometry.voxel_volume_mm3() / 1000;
      RecordProperty("marked_ml", std::to_string(marked_ml));
      EXPECT_LE(marked_ml, ml);
    }
  }
};

TEST_F(SystemCorridor, ClickBecomesSegmentationAndReportThatForeignClientsFetch) {
  send_ct();
  click({"--lps=" + lps(phantom->click(lesion)), "--creator", "Reader^One"});
  const auto job = node.finished_job(1);
  ASSERT_EQ(job.at("state"), "delivered") << job.dump(2) << node.log();
  EXPECT_EQ(fetch_only_object(node.port(), phantom->study(), "SEG"), fetch(job.at("seg_uid")));
  EXPECT_EQ(fetch_only_object(node.port(), phantom->study(), "SR"), fetch(job.at("sr_uid")));
  EXPECT_GT(dice(mask_of(job), phantom->mask(lesion)), 0.3);
  const auto tables = read_report(fetch(job.at("sr_uid")));
  ASSERT_FALSE(tables.empty());
  const auto text = to_text(tables);
  for (const auto* attribute : {"Shape", "Density", "Heterogeneity", "Surface", "Invasion"})
    EXPECT_THAT(text, HasSubstr(attribute));
  EXPECT_THAT(text, HasSubstr("Volume"));
  EXPECT_TRUE(job.at("stage_ms").contains("encode_ms")) << job.dump();
}

TEST_F(SystemCorridor, CorrectingClickIsASecondRoundOfTheSameLesion) {
  send_ct();
  const std::string tracking_uid = "2.25.900000001";
  click({"--lps=" + lps(phantom->click(lesion)), "--tracking-uid", tracking_uid});
  const auto first = node.finished_job(1);
  ASSERT_EQ(first.at("state"), "delivered") << first.dump(2);
  const auto first_mask = mask_of(first);

  // The second click lies beside the lesion, towards the middle of the image so that it stays inside.
  auto beside = phantom->click(lesion);
  const auto middle = phantom->geometry.to_patient(phantom->geometry.columns() / 2, phantom->geometry.rows() / 2, 0);
  beside.x += beside.x < middle.x ? 25 : -25;
  click({"--lps=" + lps(phantom->click(lesion)), "--negative=" + lps(beside), "--tracking-uid", tracking_uid});
  const auto second = node.finished_job(2);
  ASSERT_EQ(second.at("state"), "delivered") << second.dump(2);
  EXPECT_EQ(second.at("round"), 2);
  EXPECT_EQ(second.at("tracking_uid"), tracking_uid);
  EXPECT_NE(second.at("seg_uid"), first.at("seg_uid"));
  const auto report = parse_part10(fetch(second.at("sr_uid")), Extent::whole);
  const auto predecessors = read_items(*report, DcmTagKey(0x0040, 0xa360));
  EXPECT_EQ(predecessors.size(), 1u);
  EXPECT_GT(dice(mask_of(second), phantom->mask(lesion)), 0.3);
  // A later click is the short one: it finds the image embeddings of those before in the cache. (The second may still
  // have looked at a crop that the first had no reason to look at.)
  click({"--lps=" + lps(phantom->click(lesion)), "--negative=" + lps(beside), "--tracking-uid", tracking_uid});
  const auto third = node.finished_job(3);
  ASSERT_EQ(third.at("state"), "delivered") << third.dump(2);
  EXPECT_GT(first.at("stage_ms").at("encode_ms").get<double>(), 0);
  EXPECT_EQ(third.at("stage_ms").at("encode_ms").get<double>(), 0);
}

TEST_F(SystemCorridor, ClickOnAnotherLesionGivesAnotherMask) {
  send_ct();
  click({"--lps=" + lps(phantom->click(lesion))});
  const auto first = node.finished_job(1);
  click({"--lps=" + lps(phantom->click(another_lesion))});
  const auto second = node.finished_job(2);
  ASSERT_EQ(first.at("state"), "delivered") << first.dump(2);
  ASSERT_EQ(second.at("state"), "delivered") << second.dump(2);
  const auto here = mask_of(first), there = mask_of(second);
  EXPECT_LT(dice(here, there), 0.2);
  EXPECT_GT(dice(here, phantom->mask(lesion)), dice(there, phantom->mask(lesion)));
  EXPECT_GT(dice(there, phantom->mask(another_lesion)), dice(here, phantom->mask(another_lesion)));
}

TEST_F(SystemCorridor, ClickInPlainAirGivesASmallOrEmptyMaskAndIsReported) {
  send_ct();
  const auto corner = phantom->geometry.to_patient(4, 4, phantom->geometry.slice_count() / 2);
  click({"--lps=" + lps(corner)});
  expect_reported_with_at_most(5, node.finished_job(1));
}

double distance_mm(const PatientPoint& a, const PatientPoint& b) { return std::sqrt(dot(a - b, a - b)); }

std::vector<PatientPoint> places_of_lesions(const PhantomCase& phantom) {
  const auto columns = phantom.geometry.columns(), rows = phantom.geometry.rows();
  std::vector<PatientPoint> places;
  for (std::size_t lesion = 0; lesion < phantom.lesions(); ++lesion) {
    const auto mask = phantom.mask(lesion);
    for (int i = 0; i < static_cast<int>(mask.voxels.size()); ++i) {
      if (mask.voxels[static_cast<std::size_t>(i)] == 0) continue;
      places.push_back(mask.geometry.to_patient(VoxelIndex{i % columns, i / columns % rows, i / columns / rows}));
    }
  }
  return places;
}

/// Fat to soft tissue on all sides, so neither air nor bone nor the border of either.
bool is_plain(const Volume& volume, const VoxelIndex& v) {
  constexpr int margin = 3;
  for (int z = v.z - margin; z <= v.z + margin; ++z) {
    for (int y = v.y - margin; y <= v.y + margin; ++y) {
      for (int x = v.x - margin; x <= v.x + margin; ++x) {
        const VoxelIndex beside{x, y, z};
        if (!volume.geometry.contains(beside)) return false;
        if (volume.at(beside) < -150 || volume.at(beside) > 150) return false;
      }
    }
  }
  return true;
}

/// The first plain place from the middle slice on that lies 20 mm or more from every lesion.
std::optional<PatientPoint> plain_tissue(const PhantomCase& phantom) {
  const auto volume = phantom.volume();
  const auto lesions = places_of_lesions(phantom);
  const auto& grid = volume.geometry;
  for (int z = grid.slice_count() / 2; z < grid.slice_count(); ++z) {
    for (int y = 0; y < grid.rows(); y += 4) {
      for (int x = 0; x < grid.columns(); x += 4) {
        const auto place = grid.to_patient(x, y, z);
        const auto is_near = [&](const PatientPoint& lesion) { return distance_mm(lesion, place) < 20; };
        if (is_plain(volume, {x, y, z}) && std::ranges::none_of(lesions, is_near)) return place;
      }
    }
  }
  return std::nullopt;
}

// This is about the way of such a click. How much is marked where nothing is, over many clicks, is measured by
// `punctum evaluate`.
TEST_F(SystemCorridor, ClickInPlainTissueGivesASmallOrEmptyMaskAndIsReported) {
  send_ct();
  const auto place = plain_tissue(*phantom);
  ASSERT_TRUE(place) << "the phantom has no plain tissue";
  click({"--lps=" + lps(*place)});
  expect_reported_with_at_most(20, node.finished_job(1));
}

TEST_F(SystemCorridor, NeitherPatientNorReaderIsNamedInTheLog) {
  const auto slice = parse_part10(read_dicom_files(phantom->ct).at(0), Extent::header);
  const auto name = read_text(*slice, DcmTagKey(0x0010, 0x0010)), id = read_text(*slice, DcmTagKey(0x0010, 0x0020));
  ASSERT_TRUE(name && id);
  send_ct();
  click({"--lps=" + lps(phantom->click(lesion)), "--creator", "Secretive^Reader"});
  ASSERT_EQ(node.finished_job(1).at("state"), "delivered");
  node.stop();
  const auto log = node.log();
  EXPECT_THAT(log, HasSubstr("delivered"));
  for (const auto& text : {*name, *id, std::string("Secretive")}) EXPECT_THAT(log, Not(HasSubstr(text)));
}

TEST_F(SystemCorridor, ClickMayComeBeforeItsImages) {
  click({"--lps=" + lps(phantom->click(lesion))});
  EXPECT_THAT(node.jobs().dump(), testing::AnyOf(HasSubstr("waiting"), HasSubstr("\"jobs\":[]"), HasSubstr("running")));
  send_ct();
  const auto job = node.finished_job(1);
  EXPECT_EQ(job.at("state"), "delivered") << job.dump(2);
}

TEST_F(SystemCorridor, SamePresentationStateTwiceMakesOneJob) {
  send_ct();
  const auto gsps = folder / "gsps.dcm";
  click({"--lps=" + lps(phantom->click(lesion)), "-o", gsps.string()});
  const auto first = node.finished_job(1);
  ASSERT_EQ(punctum({"send", gsps.string(), "--to", node.address().str()}).exit_code, 0);
  click({"--lps=" + lps(phantom->click(another_lesion))});  // comes after it in the feed
  node.finished_job(2);
  const auto jobs = node.jobs().at("jobs");
  ASSERT_EQ(jobs.size(), 2u);
  EXPECT_EQ(jobs.at(1).at("seg_uid"), first.at("seg_uid"));
}

TEST_F(SystemCorridor, RefusalIsASentenceInJobs) {
  send_ct();
  // The CT of somebody else, never sent here, and no time to wait for it.
  TempDir other;
  const auto stranger = PhantomCase::make(other.path(), first_seed + 90);
  NodeProcess impatient(other.path(), {{"inference", {{"images_within_s", 0}}}});
  impatient.start();
  const auto clicked =
      punctum({"click", stranger.ct.string(), "--lps=" + lps(stranger.click(0)), "--to", impatient.address().str()});
  ASSERT_EQ(clicked.exit_code, 0) << clicked.output;
  const auto job = impatient.finished_job(1);
  EXPECT_EQ(job.at("state"), "refused");
  EXPECT_THAT(job.at("message").get<std::string>(), HasSubstr("did not arrive"));
  EXPECT_THAT(punctum({"jobs", "--config", impatient.config().string()}).output, HasSubstr("did not arrive"));
}

TEST_F(SystemCorridor, TerminationSignalEndsTheNodeInOrder) {
  send_ct();
  EXPECT_EQ(node.stop(), 0) << node.log();
  EXPECT_THAT(node.log(), HasSubstr("stopped"));
  node.start();
  click({"--lps=" + lps(phantom->click(lesion))});
  EXPECT_EQ(node.finished_job(1).at("state"), "delivered");
}

}  // namespace
}  // namespace punctum::test
