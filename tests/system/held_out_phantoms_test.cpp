// How good the answer is: held-out phantoms through the whole node, measured on the stored SEG.
#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <numeric>

#include "dicom/seg/seg_reader.hpp"
#include "inference/segmenter.hpp"
#include "tests/support/dcmtk_environment.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/system/node_process.hpp"
#include "tests/system/phantom_case.hpp"

namespace punctum::test {
namespace {

constexpr std::uint64_t first_seed = 900000;
constexpr int cases = 50;
/// What one click must reach on phantoms of all types (the model card has more of them, and their intervals).
constexpr double wanted_mean = 0.75;

SegmenterOptions shipped_model() {
  SegmenterOptions options;
  options.model_folder = std::filesystem::path(PUNCTUM_SOURCE_DIR) / "inference/weights/compact";
  options.device = "cpu";
  return options;
}

TEST(HeldOutPhantoms, OneClickReachesTheWantedMeanDiceOnTheStoredSegmentation) {
  const TempDir folder, phantoms;
  make_phantoms(phantoms.path(), first_seed, cases);
  NodeProcess node(folder.path(), {{"inference", {{"settle_s", 0.0}, {"device", "cpu"}}}});
  node.start();
  const auto segmenter = Segmenter::load(shipped_model());
  std::vector<double> scores;
  for (int i = 0; i < cases; ++i) {
    const auto phantom = PhantomCase::read(phantoms.path(), first_seed + static_cast<std::uint64_t>(i));
    ASSERT_EQ(punctum({"send", phantom.ct.string(), "--to", node.address().str()}).exit_code, 0);
    ASSERT_EQ(punctum({"click", phantom.ct.string(), "--lps=" + lps(phantom.click(0)), "--to", node.address().str()})
                  .exit_code,
              0);
    const auto job = node.finished_job(static_cast<std::size_t>(i + 1));
    ASSERT_EQ(job.at("state"), "delivered") << job.dump(2);
    LesionMask stored{phantom.geometry, std::vector<std::uint8_t>(phantom.mask(0).voxels.size())};
    if (job.at("seg_uid") != "") {
      stored = read_segment(fetch_only_object(node.port(), phantom.study(), "SEG"), 1, phantom.geometry);
    }
    scores.push_back(dice(stored, phantom.mask(0)));
    std::cout << "seed " << first_seed + static_cast<std::uint64_t>(i) << " dice " << scores.back() << std::endl;

    const auto index = phantom.geometry.to_index(phantom.click(0));
    const VoxelIndex voxel{static_cast<int>(std::lround(index.x)), static_cast<int>(std::lround(index.y)),
                           static_cast<int>(std::lround(index.z))};
    const auto in_memory =
        segmenter->segment(phantom.volume(), "case " + std::to_string(i), {{voxel, ClickSign::positive}}, nullptr);
    EXPECT_NEAR(dice(in_memory.mask, phantom.mask(0)), scores.back(), 1e-6);
  }
  const auto mean = std::accumulate(scores.begin(), scores.end(), 0.0) / static_cast<double>(scores.size());
  std::cout << "mean dice over " << scores.size() << " held-out phantoms: " << mean << std::endl;
  EXPECT_GE(mean, wanted_mean);
}

}  // namespace
}  // namespace punctum::test
