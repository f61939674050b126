#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "inference/phantom/exact_math.hpp"
#include "inference/phantom/lesion_form.hpp"
#include "inference/phantom/lesion_tissue.hpp"
#include "inference/phantom/lesions.hpp"
#include "inference/phantom/noise_field.hpp"
#include "inference/phantom/scene.hpp"

namespace punctum::phantom {
namespace {

TEST(ExactMath, AgreesWithTheLibrary) {
  for (double x = -12; x < 12; x += 0.37) {
    EXPECT_NEAR(exact::exp(x), std::exp(x), 1e-10 * std::exp(x));
    EXPECT_NEAR(exact::sin(x), std::sin(x), 1e-9);
    EXPECT_NEAR(exact::cos(x), std::cos(x), 1e-9);
  }
  for (double x = 0.01; x < 500; x *= 1.7) EXPECT_NEAR(exact::log(x), std::log(x), 1e-10);
  for (double x = -1; x <= 1; x += 0.05) EXPECT_NEAR(exact::acos(x), std::acos(x), 1e-4);
}

TEST(NoiseField, HasZeroMeanAndUnitVariance) {
  const NoiseField field(5, 2.0);
  double sum = 0, squares = 0, n = 0;
  for (double x = 0; x < 60; x += 0.9) {
    for (double y = 0; y < 60; y += 0.9) {
      for (double z = 0; z < 60; z += 2.1) {
        const double v = field({x, y, z});
        sum += v;
        squares += v * v;
        n += 1;
      }
    }
  }
  EXPECT_NEAR(sum / n, 0, 0.03);
  EXPECT_NEAR(squares / n, 1, 0.1);
}

TEST(Survey, MeasuresABallRight) {
  const Ellipsoid ball({}, {10, 10, 10});
  const auto found = survey(ball);
  EXPECT_NEAR(found.volume_mm3, 4188.8, 60);
  EXPECT_NEAR(found.area_mm2, 1256.6, 60);
  EXPECT_NEAR(found.sphericity(), 1, 0.05);
  EXPECT_NEAR(length(found.deepest), 0, 0.8);
}

TEST(LesionForm, SphericityTellsRoundFromIrregular) {
  Random random(1);
  Traits round, irregular;
  round.diameter_mm = irregular.diameter_mm = 25;
  irregular.shape = ShapeKind::irregular;
  int agreeing = 0;
  for (int i = 0; i < 10; ++i) {
    const auto a = draw_form(round, random), b = draw_form(irregular, random);
    const auto measured_a = survey(*a.shape), measured_b = survey(*b.shape);
    if (!form_agrees(round, a, measured_a) || !form_agrees(irregular, b, measured_b)) continue;
    ++agreeing;
    EXPECT_GT(measured_a.sphericity(), measured_b.sphericity() + 0.1);
  }
  EXPECT_GE(agreeing, 4);
}

TEST(LesionTissue, MeanAndDeviationAreAsAsked) {
  Random random(2);
  Traits traits;
  traits.diameter_mm = 24;
  traits.heterogeneous = true;
  const Ellipsoid ball({}, {12, 12, 12});
  const auto measured = survey(ball);
  const LesionTissue mottled(traits, measured, {37, 0, 10}, random);
  double sum = 0;
  for (const auto& inner : measured.inside) sum += mottled.hu(inner.place, inner.distance);
  EXPECT_NEAR(sum / static_cast<double>(measured.inside.size()), 37, 0.01);
  EXPECT_GT(inner_deviation(mottled, measured), 14);
  traits.heterogeneous = false;
  EXPECT_LT(inner_deviation(LesionTissue(traits, measured, {37, 0, 10}, random), measured), 4);
}

TEST(Scene, LesionsWithoutCloseRelationshipKeepTheirDistance) {
  int checked = 0;
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    const auto scene = make_scene({.seed = seed});
    const auto& lesion = scene.lesions.front();
    const bool in_wall = lesion.labels[0] == static_cast<int>(ShapeKind::wall);
    if (lesion.labels[4] == 1 || in_wall) continue;
    ++checked;
    double widest = -1e9;  // over the organs that could be the host
    for (std::size_t host = 0; host < scene.organs.size(); ++host) {
      double narrowest = 1e9;
      for (const auto& p : survey(*lesion.truth).surface) narrowest = std::min(narrowest, clearance(scene, host, p));
      widest = std::max(widest, narrowest);
    }
    EXPECT_GT(widest, 5) << "mm, seed " << seed;
  }
  EXPECT_GT(checked, 2);
}

TEST(Scene, IsTheSameForTheSameSeed) {
  const auto a = make_scene({.seed = 77}), b = make_scene({.seed = 77});
  EXPECT_EQ(a.layers.size(), b.layers.size());
  EXPECT_EQ(a.lesions.front().labels, b.lesions.front().labels);
  EXPECT_EQ(a.lesions.front().centre.x, b.lesions.front().centre.x);
}

}  // namespace
}  // namespace punctum::phantom
