#include "inference/datasets/lesion_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numbers>

#include "dicom/types/error.hpp"
#include "tests/support/files.hpp"
#include "tests/support/grids.hpp"
#include "tests/support/temp_dir.hpp"

namespace punctum {
namespace {

constexpr int size = 32;

/// A body (HU 40) of 120 x 120 x 100 mm in air with a ball (HU 90) in it; voxels 1 x 1 x 2 mm.
LesionCase ball_case(double radius_mm, const PatientPoint& centre = {60, 60, 50}) {
  const auto geometry = test::grid({120, 120, 50, 1, 1, 2});
  const auto ball = test::mask(geometry, [&](int x, int y, int z) {
    const auto d = geometry.to_patient(VoxelIndex{x, y, z}) - centre;
    return std::sqrt(dot(d, d)) <= radius_mm;
  });
  LesionCase made{"ball", "P", "ball", {geometry, {}}, {{ball, {0, 2, 0, 0, -1}}}};
  for (int z = 0; z < 50; ++z) {
    for (int y = 0; y < 120; ++y) {
      for (int x = 0; x < 120; ++x) {
        const bool body = x >= 5 && x < 115 && y >= 5 && y < 115;
        made.volume.hu.push_back(body ? 40 : -1000);
      }
    }
  }
  for (std::size_t i = 0; i < ball.voxels.size(); ++i) {
    if (ball.voxels[i] != 0) made.volume.hu[i] = 90;
  }
  return made;
}

CropSource lesion_source_of(const std::vector<LesionCase>& cases, const LesionSourceOptions& options = {}) {
  return lesion_source([&](const auto& take) { std::ranges::for_each(cases, take); }, options);
}

std::size_t centre_of(int n) {
  return (static_cast<std::size_t>(n / 2) * static_cast<std::size_t>(n) + static_cast<std::size_t>(n / 2)) *
             static_cast<std::size_t>(n) +
         static_cast<std::size_t>(n / 2);
}

double millilitres(const TrainingCrop& crop) {
  double count = 0;
  for (const auto v : crop.truth) count += v;
  return count * std::pow(crop.spacing_mm, 3) / 1000;
}

TEST(LesionSource, ALesionOfAnotherEntryIsNoPlainTissue) {
  auto made = ball_case(10, {30, 60, 50});
  const auto geometry = made.volume.geometry;
  made.others = {test::mask(geometry, [](int x, int y, int) { return x > 55 && x < 110 && y > 10 && y < 110; })};
  for (std::size_t i = 0; i < made.volume.hu.size(); ++i) {
    if (made.others[0].voxels[i] != 0) made.volume.hu[i] = 200;
  }
  const auto source = lesion_source_of({made});
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    EXPECT_LT(source({seed, size, 1.0, true}).hu[centre_of(size)], 100);
  }
}

TEST(LesionSource, CentresTheCropOnTheLesion) {
  const auto source = lesion_source_of({ball_case(10)});
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const auto crop = source({seed, size, 1.5, false});
    ASSERT_EQ(crop.truth.size(), static_cast<std::size_t>(size * size * size));
    ASSERT_EQ(crop.hu.size(), crop.truth.size());
    EXPECT_EQ(crop.truth[centre_of(size)], 1);
    auto labels = crop.labels;
    labels[1] = 2;
    EXPECT_EQ(labels, (std::array<int, attribute_count>{0, 2, 0, 0, -1}));
  }
}

TEST(LesionSource, ShowsSomeLesionsInAnotherDensity) {
  const auto source = lesion_source_of({ball_case(10)});
  int as_they_were = 0;
  double lightest = 0, darkest = 1000;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const auto crop = source({seed, size, 1.5, false});
    const double hu = crop.hu[centre_of(size)];
    lightest = std::max(lightest, hu), darkest = std::min(darkest, hu);
    EXPECT_NEAR(crop.hu.front(), 40, 1) << "the body beside the lesion keeps its own";
    if (crop.labels[1] == -1) continue;  // what was said of its density no longer holds
    ++as_they_were;
    EXPECT_EQ(crop.labels[1], 2);
    EXPECT_NEAR(hu, 90, 1);
  }
  EXPECT_GT(as_they_were, 25);
  EXPECT_LT(as_they_were, 47);
  EXPECT_GT(lightest, 105);
  EXPECT_LT(darkest, 75);
  EXPECT_GE(darkest, 65);
}

TEST(LesionSource, ShowsTheSameLesionTurnedAndScaled) {
  const auto source = lesion_source_of({ball_case(10)}, {.other_density_share = 0});
  const double true_ml = 4.0 / 3 * std::numbers::pi;
  double least = 1e9, most = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const auto crop = source({seed, size, 1.5, false});
    least = std::min(least, millilitres(crop));
    most = std::max(most, millilitres(crop));
    for (std::size_t i = 0; i < crop.truth.size(); ++i) {
      if (crop.hu[i] <= 80 && (crop.truth[i] == 0 || crop.hu[i] > 60)) continue;
      ASSERT_EQ(crop.truth[i], 1) << "mask and image turned differently";
      ASSERT_GT(crop.hu[i], 60);
    }
  }
  EXPECT_GT(least, true_ml * std::pow(0.8, 3) / 1.5 * 0.93);
  EXPECT_LT(most, true_ml * std::pow(1.25, 3) * 1.5 * 1.07);
  EXPECT_GT(most / least, 2.2);
}

TEST(LesionSource, TiltsAndStretchesAsWellAsTurns) {
  const LesionSourceOptions still{0, 0, 1, 1, 1, 0};
  LesionSourceOptions tilting = still, stretching = still;
  tilting.largest_tilt_deg = 20;
  stretching.largest_stretch = 1.15;
  const auto plain = lesion_source_of({ball_case(10)}, still), tilted = lesion_source_of({ball_case(10)}, tilting),
             stretched = lesion_source_of({ball_case(10)}, stretching);
  bool moved = false;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const CropRequest request{seed, size, 1.5, false};
    EXPECT_NEAR(millilitres(tilted(request)) / millilitres(plain(request)), 1, 0.1) << "a tilt keeps the volume";
    const double ratio = millilitres(stretched(request)) / millilitres(plain(request));
    EXPECT_GT(ratio, 1 / 1.6);
    EXPECT_LT(ratio, 1.6);
    moved |= std::abs(ratio - 1) > 0.1;
  }
  EXPECT_TRUE(moved);
}

TEST(LesionSource, GivesTheSameCropForTheSameSeed) {
  const auto source = lesion_source_of({ball_case(10), ball_case(20)});
  const CropRequest request{7, size, 1.5, false};
  EXPECT_EQ(source(request).hu, source(request).hu);
  EXPECT_NE(source(request).hu, source(CropRequest{8, size, 1.5, false}).hu);
}

TEST(LesionSource, CentresBackgroundOnTissueAwayFromTheLesion) {
  const auto source = lesion_source_of({ball_case(10)});
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const auto crop = source({seed, size, 1.5, true});
    EXPECT_NEAR(crop.hu[centre_of(size)], 40, 2);
    EXPECT_EQ(millilitres(crop), 0);
    EXPECT_EQ(crop.labels[0], -1);
  }
}

TEST(LesionSource, ShowsLargeLesionsInCoarseCrops) {
  const auto source = lesion_source_of({ball_case(6), ball_case(20)});
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    EXPECT_GT(millilitres(source({seed, 48, 3, false})), 15);
  }
}

TEST(LesionSource, LaysImagesDownInAFolderAndLeavesNothingThere) {
  const test::TempDir folder;
  const auto in_memory = lesion_source_of({ball_case(10)}),
             laid_down = lesion_source_of({ball_case(10)}, {.folder = folder.path()});
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()))
      << "the files have no names, so no end of the program leaves any";
  for (const bool background : {false, true}) {
    const CropRequest request{7, size, 1.5, background};
    EXPECT_EQ(laid_down(request).hu, in_memory(request).hu);
  }
  EXPECT_THROW(lesion_source_of({ball_case(10)}, {.folder = folder / "missing"}), StorageError);
}

TEST(LesionSource, RefusesCasesWithoutLesions) {
  auto made = ball_case(10);
  made.lesions.clear();
  EXPECT_THROW(lesion_source_of({made}), ConfigError);
}

TEST(LesionSource, CutsRealSarcomas) {
  const auto data = PUNCTUM_DATA_OR_SKIP("lesions-sts-ibsi");
  const auto folder = data / "nifti" / "STS_002";
  ManifestEntry entry;
  entry.image = folder / "CT_image.nii.gz";
  entry.mask = folder / "CT_mask.nii.gz";
  entry.lesions = LesionsAre::one;
  const auto loaded = load_case(entry);
  ASSERT_EQ(loaded.lesions.size(), 1U);
  const auto source = lesion_source_of({loaded});
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    const auto crop = source({seed, 48, seed % 2 == 0 ? 1.5 : 3.0, false});
    EXPECT_EQ(crop.truth[centre_of(48)], 1);
    double sum = 0, count = 0;
    for (std::size_t i = 0; i < crop.truth.size(); ++i) {
      if (crop.truth[i] != 0) sum += crop.hu[i], count += 1;
    }
    EXPECT_NEAR(sum / count, 20, 80);
    const auto plain = source({seed, 48, 1.5, true});
    EXPECT_EQ(millilitres(plain), 0);
    EXPECT_GT(plain.hu[centre_of(48)], -400);
  }
}

}  // namespace
}  // namespace punctum
