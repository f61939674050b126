// What the network is told it did wrong.
#include "inference/training/losses.hpp"

#include <gtest/gtest.h>

namespace punctum::network {
namespace {

const std::vector<int> groups{4, 3, 2, 2, 2};

torch::Tensor cube_of(double value) { return torch::full({1, 1, 8, 8, 8}, value); }

/// The middle 4³ voxels.
torch::Tensor lesion() {
  auto truth = cube_of(0);
  truth.slice(2, 2, 6).slice(3, 2, 6).slice(4, 2, 6).fill_(1);
  return truth;
}

LossParts losses_of(const torch::Tensor& logits, const torch::Tensor& truth, const torch::Tensor& labels = {},
                    const torch::Tensor& attributes = {}) {
  Prediction answer;
  answer.logits = logits;
  answer.attributes = attributes;
  return losses_at(answer, truth, labels, torch::zeros_like(truth), groups);
}

double segmentation(const torch::Tensor& logits, const torch::Tensor& truth) {
  return losses_of(logits, truth).segmentation.item<double>();
}

TEST(Losses, DiceIsOneForTheTruthAndNextToNothingBesideIt) {
  const auto truth = lesion();
  EXPECT_NEAR(dice_of(truth, truth).item<double>(), 1, 1e-6);
  EXPECT_LT(dice_of(1 - truth, truth).item<double>(), 0.01);
}

TEST(Losses, ABetterMaskCostsLess) {
  const auto truth = lesion();
  const auto right = 8 * (2 * truth - 1);
  const auto half = right.clone();
  half.slice(2, 0, 4).fill_(-8);
  EXPECT_LT(segmentation(right, truth), segmentation(half, truth));
  EXPECT_LT(segmentation(half, truth), segmentation(-right, truth));
}

TEST(Losses, WithoutCrossEntropyOnlyDiceIsLeft) {
  const auto truth = lesion(), logits = 2 * (2 * truth - 1);
  Prediction answer;
  answer.logits = logits;
  const LossOptions dice_alone{.cross_entropy = 0, .beside_clicks = 0};
  const auto loss = losses_at(answer, truth, {}, torch::zeros_like(truth), groups, dice_alone).segmentation;
  EXPECT_NEAR(loss.item<double>(), 1 - dice_of(torch::sigmoid(logits), truth).item<double>(), 1e-6);
}

TEST(Losses, AnErrorBesideAClickWeighsMore) {
  const auto truth = lesion();
  Prediction answer;
  answer.logits = cube_of(-4);
  auto near = torch::zeros_like(truth), far = torch::zeros_like(truth);
  near[0][0][4][4][4] = 1, far[0][0][0][0][0] = 1;
  const auto loss = [&](const torch::Tensor& clicks) {
    return losses_at(answer, truth, {}, clicks, groups).segmentation.item<double>();
  };
  EXPECT_GT(loss(near), loss(far));
}

TEST(Losses, WhereNothingIsTheMarkedVolumeStillHasASlopeOnceMuchIsMarked) {
  auto logits = cube_of(3).requires_grad_();
  losses_of(logits, cube_of(0)).segmentation.backward();
  EXPECT_GT(logits.grad().min().item<double>(), 0);
  EXPECT_LT(segmentation(cube_of(-3), cube_of(0)), segmentation(cube_of(3), cube_of(0)));
}

TEST(Losses, UnknownLabelsTeachNothing) {
  auto attributes = torch::zeros({2, 13}).requires_grad_();
  // Of the first sample only Density is known, of the second nothing.
  const auto labels = torch::tensor({{-1L, 2L, -1L, -1L, -1L}, {-1L, -1L, -1L, -1L, -1L}});
  const auto loss = losses_of(torch::zeros({2, 1, 8, 8, 8}), torch::zeros({2, 1, 8, 8, 8}), labels, attributes);
  loss.attributes.backward();
  const auto slope = attributes.grad().abs();
  EXPECT_GT(slope[0].slice(0, 4, 7).min().item<double>(), 0);
  EXPECT_EQ(slope[0].slice(0, 0, 4).max().item<double>(), 0);
  EXPECT_EQ(slope[0].slice(0, 7, 13).max().item<double>(), 0);
  EXPECT_EQ(slope[1].max().item<double>(), 0);

  const auto none = torch::full({2, 5}, -1, torch::kLong);
  EXPECT_FALSE(
      losses_of(torch::zeros({2, 1, 8, 8, 8}), torch::zeros({2, 1, 8, 8, 8}), none, attributes).attributes.defined());
}

TEST(LabelCounts, RareLabelsCountMoreByTheRootOfTheirFrequency) {
  LabelCounts counts(groups);
  for (int i = 0; i < 9; ++i) counts.add(torch::tensor({{0L, 1L, 0L, -1L, 0L}}));
  counts.add(torch::tensor({{3L, 1L, 1L, -1L, -1L}}));
  EXPECT_EQ(counts.counts()[0].item<std::int64_t>(), 9);
  EXPECT_EQ(counts.counts()[3].item<std::int64_t>(), 1);
  EXPECT_FALSE(counts.weights(0).defined()) << "all alike";

  const auto weights = counts.weights(0.5);
  ASSERT_EQ(weights.size(0), 13);
  EXPECT_NEAR((weights[8] / weights[7]).item<double>(), 3, 1e-5) << "Heterogeneity, nine to one";
  EXPECT_NEAR((9 * weights[7] + weights[8]).item<double>() / 10, 1, 1e-5) << "the loss keeps its height";
  EXPECT_NEAR((weights[9] / weights[10]).item<double>(), 1, 1e-5) << "Surface, of which nothing is known";
}

TEST(LabelCounts, WeightsBearOnTheLossOfTheirLabel) {
  const auto labels = torch::tensor({{0L, -1L, -1L, -1L, -1L}, {3L, -1L, -1L, -1L, -1L}});
  auto weights = torch::ones({13});
  weights[3] = 4;
  const auto slope_with = [&](const torch::Tensor& label_weights) {
    Prediction answer;
    answer.attributes = torch::zeros({2, 13}).requires_grad_();
    const auto truth = torch::zeros({2, 1, 8, 8, 8});
    losses_at(answer, truth, labels, truth, groups, {.label_smoothing = 0}, label_weights).attributes.backward();
    return answer.attributes.grad();
  };
  const auto even = slope_with({}), weighted = slope_with(weights);
  EXPECT_TRUE(torch::allclose(weighted[0], even[0]));
  EXPECT_TRUE(torch::allclose(weighted[1], 4 * even[1]));
}

TEST(AdaptiveWeight, FollowsTheRatioOfTheLossesWithinItsBounds) {
  AdaptiveWeight weight;
  EXPECT_EQ(weight.value(), 1);
  weight.update(1, 1);
  EXPECT_NEAR(weight.value(), 0.35, 1e-12);
  const auto after = [](double segmentation, double attributes, const LossOptions& options = {}) {
    AdaptiveWeight seen;
    seen.update(segmentation, attributes);
    return seen.value(options);
  };
  EXPECT_EQ(after(100, 1), 2);
  EXPECT_EQ(after(1, 100), 0.1);
  EXPECT_EQ(after(1, 0), 2);
  EXPECT_NEAR(after(1, 1, {.attribute_share = 0.7}), 0.7, 1e-9);
  EXPECT_EQ(after(1, 100, {.attribute_weight = 0.9}), 0.9) << "asked for, not adaptive";
  for (int i = 0; i < 2000; ++i) weight.update(2, 1);
  EXPECT_NEAR(weight.value(), 0.7, 1e-3) << "the means forget";
  AdaptiveWeight restored;
  restored.restore(weight.state());
  EXPECT_EQ(restored.value(), weight.value());
}

}  // namespace
}  // namespace punctum::network
