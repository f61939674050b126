#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <numeric>

#include "inference/measure/distance_transform.hpp"
#include "inference/phantom/phantom.hpp"

namespace punctum {
namespace {

constexpr int size = 48;
constexpr double spacing_mm = 1.5;

std::uint64_t fingerprint(const PhantomSample& sample) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  const auto add = [&hash](std::uint64_t value) { hash = (hash ^ value) * 0x100000001b3ULL; };
  for (const auto v : sample.hu) add(static_cast<std::uint16_t>(v));
  for (const auto v : sample.truth) add(v);
  for (const auto v : sample.labels) add(static_cast<std::uint64_t>(v + 1));
  return hash;
}

std::size_t voxels(const PhantomSample& sample) {
  return static_cast<std::size_t>(std::count(sample.truth.begin(), sample.truth.end(), 1));
}

std::uint8_t truth_at(const PhantomSample& s, const VoxelIndex& v) {
  return s.truth[static_cast<std::size_t>((v.z * s.size + v.y) * s.size + v.x)];
}

double mean_hu(const PhantomSample& sample, const std::vector<std::uint8_t>& where) {
  double sum = 0, n = 0;
  for (std::size_t i = 0; i < where.size(); ++i) {
    if (where[i] == 0) continue;
    sum += sample.hu[i];
    n += 1;
  }
  return sum / n;
}

/// The shell from 3 to 5 mm outside the lesion: all host organ where the lesion keeps 6 mm from everything else.
std::vector<std::uint8_t> ring(const PhantomSample& sample) {
  const auto distance = distance_to_set(sample.truth, {size, size, size, spacing_mm, spacing_mm, spacing_mm});
  std::vector<std::uint8_t> shell(distance.size());
  for (std::size_t i = 0; i < shell.size(); ++i) {
    const bool beyond_the_series = sample.hu[i] == -1000;
    shell[i] = distance[i] > 3 && distance[i] < 5 && !beyond_the_series;
  }
  return shell;
}

TEST(PhantomCrop, SameSeedGivesTheSameSample) {
  EXPECT_EQ(fingerprint(phantom_crop(7, size, spacing_mm)), fingerprint(phantom_crop(7, size, spacing_mm)));
  EXPECT_NE(fingerprint(phantom_crop(7, size, spacing_mm)), fingerprint(phantom_crop(8, size, spacing_mm)));
}

// Weights are trained on these very samples: a change here is a change of the training data and must be meant.
TEST(PhantomCrop, OutputPerSeedIsFrozen) {
  EXPECT_EQ(fingerprint(phantom_crop(1, size, spacing_mm)), 14580603520046314536ULL);
  EXPECT_EQ(fingerprint(phantom_crop(2, size, 3.0)), 3499452689885121660ULL);
  EXPECT_EQ(fingerprint(phantom_background_crop(3, size, spacing_mm)), 6499863386512435833ULL);
  EXPECT_EQ(fingerprint(phantom_crop(4, size, spacing_mm, PhantomType::stone)), 12938828621589129627ULL);
  EXPECT_EQ(fingerprint(phantom_crop(5, size, spacing_mm, PhantomType::cyst)), 8183082641333354730ULL);
}

TEST(PhantomCrop, HoldsALesionUnderItsClickAndNearItsCentre) {
  for (std::uint64_t seed = 100; seed < 115; ++seed) {
    const auto sample = phantom_crop(seed, size, spacing_mm);
    ASSERT_EQ(sample.hu.size(), static_cast<std::size_t>(size * size * size));
    EXPECT_EQ(truth_at(sample, sample.click), 1) << "seed " << seed;
    const int middle = size / 2;
    bool near = false;
    for (int z = middle - 2; z <= middle + 1; ++z) {
      for (int y = middle - 2; y <= middle + 1; ++y) {
        for (int x = middle - 2; x <= middle + 1; ++x) near = near || truth_at(sample, {x, y, z}) != 0;
      }
    }
    EXPECT_TRUE(near) << "seed " << seed << ": no lesion voxel within 3 mm of the centre";
  }
}

TEST(PhantomCrop, LabelsLieWithinTheVocabulary) {
  for (std::uint64_t seed = 200; seed < 215; ++seed) {
    const auto sample = phantom_crop(seed, size, spacing_mm);
    for (std::size_t a = 0; a < attribute_count; ++a) {
      EXPECT_THAT(
          sample.labels[a],
          testing::AllOf(testing::Ge(0), testing::Lt(static_cast<int>(attribute_vocabulary()[a].labels.size()))));
    }
  }
}

TEST(PhantomCrop, DensityMeasuredInTheImageAgreesWithItsLabel) {
  int measured = 0, agreeing = 0;
  for (std::uint64_t seed = 1000; seed < 1070; ++seed) {
    const auto sample = phantom_crop(seed, size, spacing_mm);
    const bool free_standing = sample.labels[0] != 2 && sample.labels[4] == 0;
    if (!free_standing || voxels(sample) < 60) continue;
    const double difference = mean_hu(sample, sample.truth) - mean_hu(sample, ring(sample));
    const int density = difference < -12 ? 0 : difference > 12 ? 2 : 1;
    ++measured;
    agreeing += density == sample.labels[1];
  }
  ASSERT_GT(measured, 15);
  EXPECT_GE(agreeing, 0.95 * measured) << agreeing << " of " << measured;
}

TEST(PhantomCrop, CoarseCropsHoldLargeLesions) {
  for (std::uint64_t seed = 300; seed < 306; ++seed) {
    const auto sample = phantom_crop(seed, size, 3.0);
    EXPECT_NE(sample.labels[0], 3) << "a punctate lesion at 3 mm";
    EXPECT_GT(static_cast<double>(voxels(sample)) * 27 / 1000, 0.5) << "ml, seed " << seed;
  }
}

TEST(PhantomCrop, StonesAreDenseEvenAndSharplyBoundedInFluid) {
  for (std::uint64_t seed = 500; seed < 506; ++seed) {
    const auto sample = phantom_crop(seed, size, spacing_mm, PhantomType::stone);
    EXPECT_THAT(sample.labels, testing::ElementsAre(testing::Ne(2), 2, 0, 0, 0)) << "seed " << seed;
    const double around = mean_hu(sample, ring(sample));
    EXPECT_NEAR(around, 10, 20) << "seed " << seed << ": expected fluid";
    EXPECT_GT(mean_hu(sample, sample.truth), around + 100) << "seed " << seed;
  }
}

TEST(PhantomCrop, CystsAreRoundEvenSharplyBoundedFluid) {
  for (std::uint64_t seed = 520; seed < 526; ++seed) {
    const auto sample = phantom_crop(seed, size, spacing_mm, PhantomType::cyst);
    EXPECT_THAT(sample.labels, testing::ElementsAre(0, 0, 0, 0, testing::_)) << "seed " << seed;
    // Where a cyst touches fat, small ones are darkened by it.
    EXPECT_NEAR(mean_hu(sample, sample.truth), 10, sample.labels[4] == 0 ? 18 : 45) << "seed " << seed;
  }
}

// What is held out for evaluation must not be trained: no usual lesion is a cyst.
TEST(PhantomCrop, UsualLesionsAreNoCysts) {
  for (std::uint64_t seed = 600; seed < 660; ++seed) {
    const auto sample = phantom_crop(seed, size, spacing_mm);
    const auto& l = sample.labels;
    const bool even_round_dark = l[0] == 0 && l[1] == 0 && l[2] == 0 && l[3] == 0;
    if (!even_round_dark) continue;
    const double hu = mean_hu(sample, sample.truth);
    EXPECT_FALSE(hu > 0 && hu < 20) << "seed " << seed << ": " << hu << " HU";
  }
}

TEST(PhantomBackgroundCrop, HasNoTruthAndNoLabels) {
  for (std::uint64_t seed = 400; seed < 405; ++seed) {
    const auto sample = phantom_background_crop(seed, size, spacing_mm);
    EXPECT_EQ(voxels(sample), 0U);
    EXPECT_THAT(sample.labels, testing::Each(-1));
    EXPECT_TRUE(sample.empty());
    EXPECT_EQ(sample.click, (VoxelIndex{size / 2, size / 2, size / 2}));
  }
}

}  // namespace
}  // namespace punctum
