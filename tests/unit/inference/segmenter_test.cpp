#include "inference/segmenter.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>

#include "dicom/types/error.hpp"
#include "inference/evaluation/metrics.hpp"
#include "inference/evaluation/simulated_click.hpp"
#include "inference/phantom/phantom.hpp"

namespace punctum {
namespace {

namespace fs = std::filesystem;

const fs::path shipped = fs::path(PUNCTUM_SOURCE_DIR) / "inference/weights/compact";

std::unique_ptr<Segmenter> compact() { return Segmenter::load({shipped, "cpu", 1}); }

VoxelIndex voxel_at(const SeriesGeometry& geometry, const PatientPoint& point) {
  const auto at = geometry.to_index(point);
  return {static_cast<int>(std::lround(at.x)), static_cast<int>(std::lround(at.y)),
          static_cast<int>(std::lround(at.z))};
}

/// Held-out phantoms, made once: they take longer than the network.
const std::vector<PhantomCase>& cases() {
  static const std::vector<PhantomCase> all = [] {
    std::vector<PhantomCase> made;
    for (std::uint64_t seed = first_evaluation_seed; seed < first_evaluation_seed + 6; ++seed)
      made.push_back(phantom_case(seed));
    return made;
  }();
  return all;
}

TEST(Segmenter, MarksHeldOutLesionsAfterOneClick) {
  const auto segmenter = compact();
  double sum = 0;
  int lesions = 0;
  for (const auto& phantom : cases()) {
    for (const auto& lesion : phantom.lesions) {
      const auto click = voxel_at(phantom.volume.geometry, lesion.click);
      const auto found = segmenter->segment(phantom.volume, std::to_string(lesions), {{click}}, nullptr);
      sum += dice(found.mask, lesion.mask).value_or(0);
      ++lesions;
      if (found.mask.count() == 0) continue;
      ASSERT_EQ(found.attributes.size(), attribute_count);
      for (const auto& finding : found.attributes) {
        EXPECT_NEAR(std::accumulate(finding.probabilities.begin(), finding.probabilities.end(), 0.0), 1, 1e-5);
      }
    }
  }
  EXPECT_GT(sum / lesions, 0.7);  // a dozen, 0.82 in 0.7.0; the measure is `punctum evaluate`
}

TEST(Segmenter, SaysHowSureItIsOfEveryVoxelAroundTheMasksBorder) {
  const auto segmenter = compact();
  const auto& phantom = cases().front();
  const auto& geometry = phantom.volume.geometry;
  const auto found =
      segmenter->segment(phantom.volume, "series", {{voxel_at(geometry, phantom.lesions[0].click)}}, nullptr);
  const auto& stated = found.probabilities;
  ASSERT_EQ(stated.values.size(), static_cast<std::size_t>(std::pow(stated.crop.size, 3)));
  EXPECT_LE(stated.crop.spacing_mm, found.crop_spacing_mm);
  const auto marked = sample_mask(geometry, found.mask.voxels, stated.crop);
  double agreeing = 0, sure = 0;
  for (std::size_t i = 0; i < marked.size(); ++i) {
    ASSERT_GE(stated.values[i], 0);
    ASSERT_LE(stated.values[i], 1);
    if (marked[i] < 0.99F) continue;
    sure += 1, agreeing += stated.values[i] > 0.5F;
  }
  ASSERT_GT(sure, 0);
  EXPECT_GT(agreeing / sure, 0.9) << "what is marked is what is likely";
}

TEST(Segmenter, AnotherClickGivesAnotherMask) {
  const auto segmenter = compact();
  int compared = 0;
  for (const auto& phantom : cases()) {
    if (phantom.lesions.size() < 2) continue;
    const auto& g = phantom.volume.geometry;
    const auto a = segmenter->segment(phantom.volume, "series", {{voxel_at(g, phantom.lesions[0].click)}}, nullptr);
    const auto b = segmenter->segment(phantom.volume, "series", {{voxel_at(g, phantom.lesions[1].click)}}, nullptr);
    EXPECT_LT(dice(a.mask, b.mask).value_or(0), 0.05);
    ++compared;
    break;
  }
  EXPECT_EQ(compared, 1);
}

TEST(Segmenter, CorrectingClicksCorrectMoreLesionsThanTheyHarm) {
  const auto segmenter = compact();
  int better = 0, worse = 0;
  for (const auto& phantom : cases()) {
    for (const auto& lesion : phantom.lesions) {
      std::vector<VoxelClick> clicks{{voxel_at(phantom.volume.geometry, lesion.click)}};
      const auto first = segmenter->segment(phantom.volume, "series", clicks, nullptr);
      const auto correction = correcting_click(lesion.mask, first.mask);  // the deepest voxel of the largest error
      ASSERT_TRUE(correction);
      clicks.push_back(*correction);
      const auto second = segmenter->segment(phantom.volume, "series", clicks, &first.mask);
      const double gained = dice(second.mask, lesion.mask).value_or(0) - dice(first.mask, lesion.mask).value_or(0);
      (gained > 0 ? better : worse) += 1;
      const bool marked = second.mask.voxels[phantom.volume.index(correction->voxel)] != 0;
      if (correction->sign == ClickSign::negative) {
        EXPECT_FALSE(marked);
      }
    }
  }
  EXPECT_GT(better, worse);
}

TEST(Segmenter, SaysTheSameAgainAndEncodesOnce) {
  const auto segmenter = compact();
  const auto& phantom = cases().front();
  const std::vector<VoxelClick> clicks{{voxel_at(phantom.volume.geometry, phantom.lesions[0].click)}};
  const auto once = segmenter->segment(phantom.volume, "series", clicks, nullptr);
  const auto again = segmenter->segment(phantom.volume, "series", clicks, nullptr);
  EXPECT_EQ(once.mask.voxels, again.mask.voxels);
  EXPECT_GT(once.encode_ms, 0);
  EXPECT_EQ(again.encode_ms, 0);
  const auto fresh = compact()->segment(phantom.volume, "other", clicks, nullptr);
  EXPECT_EQ(once.mask.voxels, fresh.mask.voxels);
}

TEST(Segmenter, TwoThreadsSayTheSameAsOne) {
  const auto two_threads = Segmenter::load({shipped, "cpu", 2});
  const auto segmenter = compact();
  const auto& phantom = cases().front();
  const std::vector<VoxelClick> clicks{{voxel_at(phantom.volume.geometry, phantom.lesions[0].click)}};
  const auto one = segmenter->segment(phantom.volume, "series", clicks, nullptr).mask.voxels;
  const auto two = two_threads->segment(phantom.volume, "series", clicks, nullptr).mask.voxels;
  std::size_t different = 0;
  for (std::size_t i = 0; i < one.size(); ++i) different += one[i] != two[i];
  EXPECT_LE(different, one.size() / 10'000);
}

TEST(Segmenter, ACorrectionLeavesSomethingOfTheLesion) {
  const auto segmenter = compact();
  int lesions = 0, empty = 0;
  for (const auto& phantom : cases()) {
    for (const auto& lesion : phantom.lesions) {
      const auto click = voxel_at(phantom.volume.geometry, lesion.click);
      const auto name = std::to_string(lesions++);
      const auto first = segmenter->segment(phantom.volume, name, {{click}}, nullptr);
      const auto correction = correcting_click(lesion.mask, first.mask);
      if (!correction || first.mask.count() == 0) continue;
      empty += segmenter->segment(phantom.volume, name, {{click}, *correction}, &first.mask).mask.count() == 0;
    }
  }
  EXPECT_LE(empty, lesions / 10) << "of " << lesions;
}

/// Places round a lesion's click, up to 15 mm away, on no grid.
std::vector<VoxelIndex> places_beside(const Volume& volume, const VoxelIndex& click) {
  const auto& geometry = volume.geometry;
  std::vector<VoxelIndex> places;
  for (const auto& [x_mm, y_mm, z_mm] :
       {std::array{-14, 0, 0}, {9, 0, 0}, {0, 12, 0}, {0, -5, 0}, {0, 0, 7}, {7, -7, -6}, {-3, 4, 3}}) {
    const VoxelIndex place{click.x + static_cast<int>(x_mm / geometry.column_spacing_mm()),
                           click.y + static_cast<int>(y_mm / geometry.row_spacing_mm()),
                           click.z + static_cast<int>(z_mm / geometry.slice_spacing_mm())};
    if (geometry.contains(place)) places.push_back(place);
  }
  return places;
}

TEST(Segmenter, ObeysEverySecondPositiveClick) {
  const auto segmenter = compact();
  int tried = 0;
  for (const auto& phantom : cases()) {
    for (const auto& lesion : phantom.lesions) {
      const auto first = voxel_at(phantom.volume.geometry, lesion.click);
      const auto name = std::to_string(tried);
      for (const auto& second : places_beside(phantom.volume, first)) {
        const auto found = segmenter->segment(phantom.volume, name, {{first}, {second}}, nullptr);
        EXPECT_NE(found.mask.voxels[phantom.volume.index(second)], 0) << second.x << ' ' << second.y << ' ' << second.z;
        EXPECT_NE(found.mask.voxels[phantom.volume.index(first)], 0);
        ++tried;
      }
    }
  }
  EXPECT_GE(tried, 20);
}

TEST(Segmenter, ObeysClicksOfBothSignsSideBySide) {
  const auto segmenter = compact();
  const auto& phantom = cases().front();
  const auto first = voxel_at(phantom.volume.geometry, phantom.lesions[0].click);
  for (const auto& second : places_beside(phantom.volume, first)) {
    auto outside = second;
    ++outside.x;  // less than a millimetre away
    const std::vector<VoxelClick> clicks{{first}, {second}, {outside, ClickSign::negative}};
    const auto mask = segmenter->segment(phantom.volume, "series", clicks, nullptr).mask;
    EXPECT_NE(mask.voxels[phantom.volume.index(second)], 0);
    EXPECT_EQ(mask.voxels[phantom.volume.index(outside)], 0);
  }
}

TEST(Segmenter, RefusesClicksThatCannotBeMeant) {
  const auto segmenter = compact();
  const auto& volume = cases().front().volume;
  EXPECT_THROW(segmenter->segment(volume, "s", {{{-1, 0, 0}}}, nullptr), GeometryError);
  EXPECT_THROW(segmenter->segment(volume, "s", {{{5, 5, 5}, ClickSign::negative}}, nullptr), Refusal);
}

class DamagedModel : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / "punctum-damaged-model";
    fs::remove_all(folder_);
    fs::copy(shipped, folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path folder_;
};

TEST_F(DamagedModel, IsRefusedByItsDigest) {
  std::fstream file(folder_ / "weights.safetensors", std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(1'000'000);
  file.put('x').put('y');
  file.close();
  EXPECT_THROW(Segmenter::load({folder_, "cpu", 1}), ModelError);
}

TEST_F(DamagedModel, IsRefusedWhenItsLicenceClassIsNotAllowed) {
  SegmenterOptions options{folder_, "cpu", 1};
  options.allowed_uses = {"commercial"};
  EXPECT_NO_THROW(Segmenter::load(options));
  auto manifest = nlohmann::json::parse(std::ifstream(folder_ / "manifest.json"));
  manifest.erase("use");  // nobody has looked: research
  std::ofstream(folder_ / "manifest.json") << manifest;
  try {
    Segmenter::load(options);
    FAIL() << "expected a refusal";
  } catch (const ModelError& error) {
    EXPECT_NE(std::string(error.what()).find("its licence class is \"research\""), std::string::npos) << error.what();
  }
}

TEST_F(DamagedModel, AHigherLevelMarksLessAndOneOutOfRangeIsRefused) {
  const auto& phantom = cases().front();
  const std::vector<VoxelClick> clicks{{voxel_at(phantom.volume.geometry, phantom.lesions[0].click)}};
  const auto marked_at = [&](double level) {
    auto manifest = nlohmann::json::parse(std::ifstream(folder_ / "manifest.json"));
    manifest["mask_level"] = level;
    std::ofstream(folder_ / "manifest.json") << manifest;
    return Segmenter::load({folder_, "cpu", 1})->segment(phantom.volume, "series", clicks, nullptr).mask.count();
  };
  const auto low = marked_at(-1), high = marked_at(1.5);
  EXPECT_GT(low, high);
  EXPECT_GT(high, 0U);
  EXPECT_THROW(marked_at(100), ModelError);
}

TEST_F(DamagedModel, IsRefusedWhenSomethingIsMissing) {
  fs::remove(folder_ / "weights.safetensors");
  EXPECT_THROW(Segmenter::load({folder_, "cpu", 1}), ModelError);
  fs::remove(folder_ / "manifest.json");
  EXPECT_THROW(Segmenter::load({folder_, "cpu", 1}), ModelError);
  std::ofstream(folder_ / "manifest.json") << "{\"format\": 3}";
  EXPECT_THROW(Segmenter::load({folder_, "cpu", 1}), ModelError);
}

}  // namespace
}  // namespace punctum
