#include "inference/lesion_question.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "dicom/types/error.hpp"
#include "tests/support/grids.hpp"

namespace punctum {
namespace {

using namespace network;

/// Answers a ball around the first click, whatever the image; remembers how it was asked.
class BallNetwork final : public AnsweringNetwork {
 public:
  /// @param spot marks a voxel in a corner of the crop as well.
  BallNetwork(double radius_mm, double detail_mm, bool spot = false)
      : radius_mm_(radius_mm), detail_mm_(detail_mm), spot_(spot) {}

  int crop() const override { return 48; }
  const std::vector<double>& spacings_mm() const override { return spacings_mm_; }
  double detail_mm() const override { return detail_mm_; }
  Embedding encode(const torch::Tensor& image, const torch::Tensor& spacing_mm) override {
    return {image, spacing_mm, {}};
  }
  PromptPoints refine(const Embedding&, const torch::Tensor& place, const torch::Tensor& kind,
                      const torch::Tensor&) const override {
    return {place, kind, torch::zeros_like(kind, torch::kBool)};
  }
  Prediction decode(const Embedding& embedding, const PromptPoints& points, const torch::Tensor& previous) override {
    const double spacing = embedding.spacing_mm.item<double>();
    asked.push_back(spacing);
    told_mask.push_back(previous.defined() && (previous > 0).any().item<bool>());
    const auto at = torch::arange(48, torch::kFloat);
    const auto z = (at - points.place[0][0][0]).view({48, 1, 1}), y = (at - points.place[0][0][1]).view({1, 48, 1}),
               x = (at - points.place[0][0][2]).view({1, 1, 48});
    const auto logits = (radius_mm_ - torch::sqrt(z * z + y * y + x * x) * spacing).view({1, 1, 48, 48, 48});
    if (spot_) logits[0][0][2][2][2] = 1;
    return {logits, {}, {}, {}, logits};
  }
  torch::Tensor as_prompt(const torch::Tensor& logits) const override { return logits; }

  std::vector<double> asked;
  std::vector<bool> told_mask;

 private:
  double radius_mm_, detail_mm_;
  bool spot_;
  std::vector<double> spacings_mm_{1.5, 3.0};
};

/// 150 mm a side.
SeriesGeometry geometry() { return test::grid({100, 100, 75, 1.5, 1.5, 2}); }

const VoxelClick middle{{50, 50, 37}};

double radius_of(const LesionMask& mask) {
  return std::cbrt(static_cast<double>(mask.count()) * 1.5 * 1.5 * 2.0 * 3 / 4 / 3.14159);
}

LesionMask ask(BallNetwork& network, const std::vector<VoxelClick>& clicks, const LesionMask* previous = nullptr) {
  const auto series = geometry();
  LesionQuestion question(series, clicks, previous);
  const auto encode = [](const CropGrid& crop) {
    return Embedding{torch::zeros({1, 2, 1, 1, 1}), torch::full({1}, crop.spacing_mm), {}};
  };
  return question.mask_of(question.ask(network, encode));
}

using Spacings = std::vector<double>;

TEST(LesionQuestion, SmallLesionIsLookedAtCloser) {
  BallNetwork network(7, 0.75);
  EXPECT_NEAR(radius_of(ask(network, {middle})), 7, 0.3);
  EXPECT_EQ(network.asked, (Spacings{1.5, 0.75}));
  EXPECT_EQ(network.told_mask, (std::vector<bool>{false, false}));  // two views, each for itself
}

TEST(LesionQuestion, SpotThatNobodyClickedKeepsNoLesionFromBeingLookedAtCloser) {
  BallNetwork network(7, 0.75, /*spot=*/true);
  EXPECT_NEAR(radius_of(ask(network, {middle})), 7, 0.3);
  EXPECT_EQ(network.asked, (Spacings{1.5, 0.75}));
}

TEST(LesionQuestion, LargerLesionIsLookedAtAsCloselyAsItFits) {
  BallNetwork network(16, 0.75);  // 18 mm from the middle to the faces of the closest crop, 25 mm of the next
  EXPECT_NEAR(radius_of(ask(network, {middle})), 16, 0.3);
  ASSERT_EQ(network.asked.size(), 2U);
  EXPECT_NEAR(network.asked[1], std::sqrt(0.75 * 1.5), 1e-6);
}

TEST(LesionQuestion, LesionThatFitsNoCloserCropIsAskedAboutOnce) {
  BallNetwork network(22, 0.75);
  EXPECT_NEAR(radius_of(ask(network, {middle})), 22, 0.3);
  EXPECT_EQ(network.asked, (Spacings{1.5}));
}

TEST(LesionQuestion, VeryLargeLesionIsSeenWholeThenInside) {
  BallNetwork network(50, 0.75);
  EXPECT_NEAR(radius_of(ask(network, {middle})), 50, 0.5);
  EXPECT_EQ(network.asked, (Spacings{1.5, 3.0, 1.5}));
}

TEST(LesionQuestion, NothingFoundIsNotLookedAtCloser) {
  BallNetwork network(-1, 0.75);
  EXPECT_EQ(ask(network, {middle}).count(), 0U);
  EXPECT_EQ(network.asked, (Spacings{1.5}));
}

TEST(LesionQuestion, NetworkWithoutCloserLookIsAskedOnce) {
  BallNetwork network(7, 0);
  ask(network, {middle});
  EXPECT_EQ(network.asked, (Spacings{1.5}));
}

TEST(LesionQuestion, ClickBeyondTheClosestCropKeepsTheWiderAnswer) {
  BallNetwork network(7, 0.75);
  ask(network, {middle, {{50 + 15, 50, 37}}});  // 22.5 mm away
  EXPECT_EQ(network.asked, (Spacings{1.5, 1.5}));
}

TEST(LesionQuestion, LaterRoundLooksCloserToo) {
  BallNetwork network(7, 0.75);
  const auto first = ask(network, {middle});
  network.asked.clear();
  ask(network, {middle, {{52, 50, 37}}}, &first);
  EXPECT_EQ(network.asked, (Spacings{1.5, 0.75}));
  EXPECT_EQ(network.told_mask.back(), true);  // of the round before
}

TEST(LesionQuestion, ClicksTooFarApartAreRefused) {
  BallNetwork network(7, 0.75);
  EXPECT_THROW(ask(network, {middle, {{0, 0, 0}}}), Refusal);
}

}  // namespace
}  // namespace punctum
