#include "inference/synthesis/phantom_background.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "dicom/types/error.hpp"
#include "inference/phantom/lesion_form.hpp"
#include "inference/synthesis/grid_shape.hpp"

namespace punctum::synthesis {
namespace {

constexpr int size = 40;
constexpr double spacing_mm = 1.5;

/// A phantom does as CT here: what matters is known about it. Its own lesions are kept out.
const BackgroundPtr& a_background() {
  static const BackgroundPtr made = phantom_background(phantom_case(950'100));
  return made;
}

/// Two balls of 12 and 8 mm that overlap.
ShapeMask dumb_bell() {
  ShapeMask mask{{48, 36, 12, 0.8, 0.8, 3}, {}, -1, -1};
  for (int z = 0; z < 12; ++z) {
    for (int y = 0; y < 36; ++y) {
      for (int x = 0; x < 48; ++x) {
        const Vec3 p{0.8 * x - 14, 0.8 * y - 14, 3.0 * z - 16}, q = p - Vec3{12, 0, 0};
        mask.voxels.push_back(length(p) < 6 || length(q) < 8);
      }
    }
  }
  return mask;
}

ShapeMask ball() {
  ShapeMask mask{{30, 30, 10, 0.8, 0.8, 2.4}, {}, -1, -1};
  for (int z = 0; z < 10; ++z) {
    for (int y = 0; y < 30; ++y) {
      for (int x = 0; x < 30; ++x) mask.voxels.push_back(length(Vec3{0.8 * x - 12, 0.8 * y - 12, 2.4 * z - 12}) < 9);
    }
  }
  return mask;
}

LesionRenderer renderer() { return LesionRenderer({a_background()}, ShapeLibrary({dumb_bell()})); }

std::size_t voxels(const PhantomSample& s) {
  return static_cast<std::size_t>(std::count(s.truth.begin(), s.truth.end(), 1));
}

TEST(LesionRenderer, SameSeedGivesTheSameCrop) {
  const auto render = renderer();
  const auto a = render.crop(3, size, spacing_mm), b = render.crop(3, size, spacing_mm);
  EXPECT_EQ(a.hu, b.hu);
  EXPECT_EQ(a.truth, b.truth);
  EXPECT_EQ(a.labels, b.labels);
  EXPECT_NE(a.hu, render.crop(4, size, spacing_mm).hu);
}

TEST(LesionRenderer, CropsHoldALesionAtTheirCentreWithLabelsOfTheVocabulary) {
  const auto render = renderer();
  for (std::uint64_t seed = 10; seed < 16; ++seed) {
    const auto sample = render.crop(seed, size, spacing_mm);
    ASSERT_EQ(sample.hu.size(), static_cast<std::size_t>(size * size * size));
    EXPECT_GE(voxels(sample), 6U) << "seed " << seed;
    bool near = false;
    for (int z = size / 2 - 3; z < size / 2 + 3; ++z) {
      for (int y = size / 2 - 3; y < size / 2 + 3; ++y) {
        for (int x = size / 2 - 3; x < size / 2 + 3; ++x) {
          near = near || sample.truth[static_cast<std::size_t>((z * size + y) * size + x)] != 0;
        }
      }
    }
    EXPECT_TRUE(near) << "seed " << seed;
    for (std::size_t a = 0; a < attribute_count; ++a) {
      EXPECT_GE(sample.labels[a], -1);
      EXPECT_LT(sample.labels[a], static_cast<int>(attribute_vocabulary()[a].labels.size()));
    }
  }
}

TEST(LesionRenderer, PlainCropsHaveNoTruth) {
  const auto render = renderer();
  for (std::uint64_t seed = 20; seed < 26; ++seed) {
    const auto sample = render.plain_crop(seed, size, spacing_mm);
    EXPECT_EQ(voxels(sample), 0U);
    EXPECT_THAT(sample.labels, testing::Each(-1));
  }
}

TEST(LesionRenderer, ScanChangesTheCtInAndAboutItsLesionsOnly) {
  const auto scan = renderer().scan(30);
  const Volume& before = a_background()->volume();
  ASSERT_FALSE(scan.lesions.empty());
  EXPECT_NE(scan.volume.geometry.slices().front().instance.sop_instance_uid,
            before.geometry.slices().front().instance.sop_instance_uid);
  const auto name_of = [](const PhantomCase& made) {
    return made.volume.geometry.slices().front().instance.sop_instance_uid;
  };
  EXPECT_EQ(name_of(renderer().scan(30)), name_of(scan));
  const LesionRenderer other_form({a_background()}, ShapeLibrary({ball()}));
  int differ = 0;  // not every lesion is of a real form
  for (std::uint64_t seed = 30; seed < 36; ++seed) {
    const auto one = renderer().scan(seed), other = other_form.scan(seed);
    const bool same_pixels = one.volume.hu == other.volume.hu;
    EXPECT_EQ(name_of(one) == name_of(other), same_pixels) << "seed " << seed;
    differ += !same_pixels;
  }
  EXPECT_GT(differ, 0);
  std::vector<std::uint8_t> lesion(before.hu.size());
  for (const auto& one : scan.lesions) {
    EXPECT_GT(one.volume_ml, 0);
    for (std::size_t i = 0; i < lesion.size(); ++i) lesion[i] |= one.mask.voxels[i];
  }
  const auto& g = before.geometry;
  const auto away = distance_to_set(lesion, {g.columns(), g.rows(), g.slice_count(), g.column_spacing_mm(),
                                             g.row_spacing_mm(), g.slice_spacing_mm()});
  std::size_t inside = 0;
  for (std::size_t i = 0; i < lesion.size(); ++i) {
    const bool changed = scan.volume.hu[i] != before.hu[i];
    inside += lesion[i] != 0 && changed;
    ASSERT_FALSE(changed && away[i] > 20) << "voxel " << i;
  }
  EXPECT_GT(inside, 0U);
}

TEST(LesionRenderer, RealFormsComeIntoPhantomsBesideTheirOwnLesions) {
  const auto phantom = phantom_case(950'100), with_forms = phantom_with_forms(950'100, ShapeLibrary({dumb_bell()}));
  ASSERT_GT(with_forms.lesions.size(), phantom.lesions.size());
  std::vector<int> taken(phantom.volume.hu.size());
  for (const auto& lesion : with_forms.lesions) {
    EXPECT_EQ(lesion.mask.geometry.slices().front().instance, with_forms.volume.geometry.slices().front().instance);
    for (std::size_t i = 0; i < taken.size(); ++i) taken[i] += lesion.mask.voxels[i];
  }
  EXPECT_THAT(taken, testing::Each(testing::Le(1))) << "no lesion lies in another";
  const auto& own = phantom.lesions.front().mask.voxels;
  for (std::size_t i = 0; i < own.size(); ++i) {
    if (own[i] != 0) {
      ASSERT_EQ(with_forms.volume.hu[i], phantom.volume.hu[i]) << "its own lesions stay as they are";
    }
  }
}

TEST(LesionRenderer, RefusesToWorkWithoutCt) { EXPECT_THROW(LesionRenderer({}), Error); }

TEST(Background, KeepsRealLesionsAndTheAirOutside) {
  const PhantomCase phantom = phantom_case(950'100);
  const auto& background = *a_background();
  for (const auto& lesion : phantom.lesions) {
    EXPECT_LT(background.room({lesion.click.x, lesion.click.y, lesion.click.z}), 1);
  }
  const auto corner = phantom.volume.geometry.to_patient(0, 0, 10);
  EXPECT_LT(background.room({corner.x, corner.y, corner.z}), 1);
}

TEST(Background, RefusesAMaskOfAnotherGrid) {
  PhantomCase phantom = phantom_case(950'100);
  LesionMask wrong{phantom.volume.geometry, std::vector<std::uint8_t>(10)};
  EXPECT_THROW(Background(std::move(phantom.volume), "CHEST", {wrong}), GeometryError);
}

TEST(ShapeLibrary, KeepsTheVolumeOfAFormThatItTurnsAndScales) {
  const ShapeMask mask = dumb_bell();
  const double own_mm3 = static_cast<double>(std::count(mask.voxels.begin(), mask.voxels.end(), 1)) * 0.8 * 0.8 * 3;
  const double own_extent = 26;
  const ShapeLibrary library({mask});
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    phantom::Random random(seed);
    const auto drawn = library.draw(40, random);
    const auto survey = phantom::survey(*drawn.solid);
    const double scale = 40 / own_extent;
    EXPECT_NEAR(survey.volume_mm3, own_mm3 * scale * scale * scale, 0.2 * own_mm3 * scale * scale * scale);
  }
}

TEST(SignedDistance, OfABallIsItsOwn) {
  auto set = Grid<std::uint8_t>::over({{-15, -15, -15}, {15, 15, 15}}, 1);
  for (std::size_t i = 0; i < set.size(); ++i) set.values[i] = length(set.place(i)) < 9;
  const GridShape ball(signed_distance(set));
  for (double x = 2; x < 14; x += 0.7) EXPECT_NEAR(ball.distance({x, 0, 0}), x - 9, 1.0) << x;
}

}  // namespace
}  // namespace punctum::synthesis
