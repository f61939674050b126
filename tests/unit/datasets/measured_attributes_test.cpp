#include "inference/measure/attributes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>

#include "dicom/types/error.hpp"
#include "tests/support/grids.hpp"

namespace punctum {
namespace {

int label(const MeasuredAttributes& measured, Attribute attribute) {
  return measured.labels[static_cast<std::size_t>(attribute)];
}

/// A lesion described by its signed distance (mm, negative inside) in tissue of HU 60; voxels 0.8 x 0.8 x 2 mm.
struct Scene {
  std::function<double(const PatientPoint&)> distance;
  double contrast_hu = 50;
  double edge_mm = 0.6;  ///< scale of the logistic step
  double mottle_hu = 0;  ///< amplitude of a pattern with a wavelength of 8 mm
  double noise_hu = 8;   ///< standard deviation
  double host_hu = 60;
};

MeasuredAttributes measure(const Scene& scene) {
  const auto geometry = test::grid({100, 100, 40, 0.8, 0.8, 2});
  std::mt19937 random(1);
  std::normal_distribution<double> noise(0, scene.noise_hu);
  Volume volume{geometry, {}};
  LesionMask mask{geometry, {}};
  for (int z = 0; z < geometry.slice_count(); ++z) {
    for (int y = 0; y < geometry.rows(); ++y) {
      for (int x = 0; x < geometry.columns(); ++x) {
        const auto p = geometry.to_patient(VoxelIndex{x, y, z});
        const double d = scene.distance(p);
        const double share = 1 / (1 + std::exp(d / scene.edge_mm));
        const double pattern = scene.mottle_hu * std::sin(p.x * 0.8) * std::sin(p.y * 0.8);
        volume.hu.push_back(static_cast<std::int16_t>(
            std::lround(scene.host_hu + share * (scene.contrast_hu + pattern) + noise(random))));
        mask.voxels.push_back(d < 0 ? 1 : 0);
      }
    }
  }
  return measure_attributes(volume, mask);
}

double from_middle(const PatientPoint& p, double x = 0, double y = 0, double z = 0) {
  const PatientPoint middle{40 + x, 40 + y, 40 + z};
  const auto d = p - middle;
  return std::sqrt(dot(d, d));
}

Scene ball(double radius) {
  Scene scene;
  scene.distance = [radius](const PatientPoint& p) { return from_middle(p) - radius; };
  return scene;
}

TEST(MeasuredAttributes, OfABall) {
  const auto measured = measure(ball(12));
  EXPECT_NEAR(measured.sphericity, 1, 0.05);
  EXPECT_GT(measured.solidity, 0.93);
  EXPECT_NEAR(measured.extent_mm, 24, 2);
  EXPECT_NEAR(*measured.contrast_hu, 50, 5);
  EXPECT_EQ(label(measured, Attribute::shape), 0);          // Round-like
  EXPECT_EQ(label(measured, Attribute::density), 2);        // Hyperdense
  EXPECT_EQ(label(measured, Attribute::heterogeneity), 0);  // Homogeneous
  EXPECT_EQ(label(measured, Attribute::surface), 0);        // Well-defined margin
  EXPECT_EQ(label(measured, Attribute::invasion), -1);
}

TEST(MeasuredAttributes, OfSeveralLobes) {
  Scene scene;
  scene.distance = [](const PatientPoint& p) {
    return std::min({from_middle(p, -11) - 5.5, from_middle(p, 11) - 5.5, from_middle(p, 0, 11) - 5.5,
                     from_middle(p, 0, -11) - 5.5, from_middle(p, 0, 0, 11) - 5.5, from_middle(p) - 8});
  };
  EXPECT_EQ(label(measure(scene), Attribute::shape), 1);  // Irregular
}

TEST(MeasuredAttributes, OfASmallBall) { EXPECT_EQ(label(measure(ball(4)), Attribute::shape), 3); }

TEST(MeasuredAttributes, LeaveFlatLesionsToOthers) {
  Scene scene;
  scene.distance = [](const PatientPoint& p) { return std::max(std::abs(p.z - 40) - 3, from_middle(p) - 18); };
  EXPECT_EQ(label(measure(scene), Attribute::shape), -1);
}

TEST(MeasuredAttributes, TellDensityFromTheTissueAround) {
  auto scene = ball(10);
  const auto density = [&](double contrast) {
    scene.contrast_hu = contrast;
    return label(measure(scene), Attribute::density);
  };
  EXPECT_EQ(density(-40), 0);
  EXPECT_EQ(density(4), 1);
  EXPECT_EQ(density(13.5), -1);  // in the gap
  EXPECT_EQ(density(60), 2);
  scene.host_hu = -850;  // lung
  EXPECT_EQ(density(880), 2);
}

TEST(MeasuredAttributes, LeaveDensityOpenBetweenTwoTissues) {
  auto scene = ball(10);
  const auto geometry = test::grid({100, 100, 40, 0.8, 0.8, 2});
  Volume volume{geometry, {}};
  LesionMask mask{geometry, {}};
  for (int z = 0; z < 40; ++z) {
    for (int y = 0; y < 100; ++y) {
      for (int x = 0; x < 100; ++x) {
        const auto p = geometry.to_patient(VoxelIndex{x, y, z});
        const bool lesion = scene.distance(p) < 0;
        volume.hu.push_back(static_cast<std::int16_t>(lesion ? 50 : p.x < 40 ? -100 : 160));  // fat and organ
        mask.voxels.push_back(lesion ? 1 : 0);
      }
    }
  }
  EXPECT_EQ(label(measure_attributes(volume, mask), Attribute::density), -1);
}

TEST(MeasuredAttributes, TellMottleFromNoise) {
  auto scene = ball(14);
  scene.noise_hu = 20;
  EXPECT_EQ(label(measure(scene), Attribute::heterogeneity), 0);
  scene.mottle_hu = 80;
  EXPECT_EQ(label(measure(scene), Attribute::heterogeneity), 1);
}

TEST(MeasuredAttributes, TellASharpBorderFromABlurredOne) {
  auto scene = ball(14);
  scene.contrast_hu = 80;
  const auto width = [&](double edge) {
    scene.edge_mm = edge;
    return measure(scene);
  };
  EXPECT_EQ(label(width(0.4), Attribute::surface), 0);
  const auto blurred = width(2.5);
  EXPECT_NEAR(*blurred.edge_width_mm, 4.4 * 2.5, 2.5);
  EXPECT_EQ(label(blurred, Attribute::surface), 1);
  scene.contrast_hu = 0;
  EXPECT_EQ(label(width(0.4), Attribute::surface), -1);  // no step to measure
}

TEST(MeasuredAttributes, NeedAMaskOnTheSameGrid) {
  const auto geometry = test::grid({8, 8, 4, 1, 1, 2});
  Volume volume{geometry, std::vector<std::int16_t>(8 * 8 * 4)};
  EXPECT_EQ(measure_attributes(volume, test::nothing(geometry)).labels[0], -1);
  EXPECT_THROW(measure_attributes(volume, test::nothing(test::grid({8, 8, 5, 1, 1, 2}))), GeometryError);
}

}  // namespace
}  // namespace punctum
