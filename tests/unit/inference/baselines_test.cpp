#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <nlohmann/json.hpp>

#include "dicom/types/error.hpp"
#include "inference/baselines/click_network.hpp"
#include "inference/baselines/evaluated_model.hpp"
#include "inference/training/export.hpp"
#include "inference/training/train.hpp"
#include "tests/support/grids.hpp"
#include "tests/support/matchers.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/inference/balls.hpp"

namespace punctum {
namespace {

using namespace network;
using testing::HasSubstr;

/// Two small cubes at different spacings, each with a positive click; the second may be of another kind.
struct Asked {
  Embedding embedding;
  PromptPoints points;
};

Asked ask(ClickNetwork& network, std::int64_t second_kind = kind_padding, double second_at = 30) {
  torch::manual_seed(3);
  const auto image = torch::randn({2, 2, 48, 48, 48});
  const auto embedding = network.encode(image, torch::tensor({1.5F, 3.0F}));
  const auto at = static_cast<float>(second_at);
  const auto place = torch::tensor({24.0F, 24.0F, 24.0F, at, at, at}).view({1, 2, 3}).repeat({2, 1, 1});
  const auto kind = torch::tensor({std::int64_t{kind_positive}, second_kind}, torch::kLong).view({1, 2}).repeat({2, 1});
  return {embedding, network.refine(embedding, place, kind, {})};
}

std::shared_ptr<ClickNetwork> tiny(const char* variant) {
  torch::manual_seed(1);
  return make_click_network(architecture_named("tiny", variant));
}

TEST(Unet, GivesALogitForEveryVoxelAndNamesNothing) {
  const auto unet = tiny("unet");
  const auto asked = ask(*unet);
  const auto answer = unet->decode(asked.embedding, asked.points, {});
  EXPECT_EQ(answer.logits.sizes(), (std::vector<std::int64_t>{2, 1, 48, 48, 48}));
  EXPECT_EQ(answer.feedback.sizes(), answer.logits.sizes());
  EXPECT_FALSE(answer.feedback.requires_grad());
  EXPECT_FALSE(answer.attributes.defined());
  EXPECT_FALSE(answer.quality.defined());
}

TEST(Unet, HeedsFurtherClicksAndTheMaskSoFar) {
  torch::NoGradGuard no_grad;
  const auto unet = tiny("unet");
  const auto one = ask(*unet), negative = ask(*unet, kind_negative), positive = ask(*unet, kind_positive);
  const auto answer = unet->decode(one.embedding, one.points, {}).logits;
  const auto corrected = unet->decode(negative.embedding, negative.points, {}).logits;
  EXPECT_FALSE(torch::allclose(answer, corrected));
  EXPECT_FALSE(torch::allclose(unet->decode(positive.embedding, positive.points, {}).logits, corrected));
  const auto mask = unet->as_prompt(torch::full_like(answer, 6));
  EXPECT_FALSE(torch::allclose(answer, unet->decode(one.embedding, one.points, mask).logits));
}

TEST(AttributeCnn, GivesLogitsForAllLabelsAndMarksNothing) {
  const auto cnn = tiny("cnn");
  const auto asked = ask(*cnn);
  const auto answer = cnn->decode(asked.embedding, asked.points, {});
  EXPECT_EQ(answer.attributes.sizes(), (std::vector<std::int64_t>{2, 13}));
  EXPECT_FALSE(answer.logits.defined());
  EXPECT_FALSE(answer.feedback.defined());
}

TEST(AttributeCnn, SeesTheFirstClickAlone) {
  torch::NoGradGuard no_grad;
  const auto cnn = tiny("cnn");
  const auto one = ask(*cnn), two = ask(*cnn, kind_negative);
  EXPECT_TRUE(torch::equal(cnn->decode(one.embedding, one.points, {}).attributes,
                           cnn->decode(two.embedding, two.points, {}).attributes));
}

TEST(Baselines, ComeNearTheParametersOfTheNetworkOfTheirSize) {
  for (const char* size : {"tiny", "compact"}) {
    const auto full = make_click_network(architecture_named(size, "full"));
    for (const char* variant : {"unet", "cnn"}) {
      const auto baseline = make_click_network(architecture_named(size, variant));
      const double ratio =
          static_cast<double>(parameter_count(*baseline)) / static_cast<double>(parameter_count(*full));
      EXPECT_GT(ratio, 0.85) << size << " " << variant;
      EXPECT_LT(ratio, 1.15) << size << " " << variant;
    }
  }
}

TEST(Baselines, TheirLossReachesEveryParameter) {
  for (const char* variant : {"unet", "cnn"}) {
    const auto network = tiny(variant);
    const auto asked = ask(*network, kind_negative);
    const auto answer = network->decode(asked.embedding, asked.points, {});
    (answer.logits.defined() ? answer.logits : answer.attributes).square().mean().backward();
    for (const auto& parameter : network->module().named_parameters()) {
      ASSERT_TRUE(parameter.value().grad().defined()) << variant << " " << parameter.key();
      EXPECT_GT(parameter.value().grad().abs().sum().item<double>(), 0) << variant << " " << parameter.key();
    }
  }
}

TEST(Architecture, SurvivesJsonWhateverItIs) {
  for (const char* variant : {"vanilla", "refinement", "synergy", "full", "unet", "cnn"}) {
    const auto architecture = architecture_named("compact", variant);
    EXPECT_EQ(nlohmann::json(architecture).get<Architecture>(), architecture) << variant;
  }
  EXPECT_EQ(nlohmann::json(architecture_named("tiny", "full")), nlohmann::json(NetworkConfig::tiny()))
      << "checkpoints from before there were baselines must stay readable";
}

TEST(Architecture, RefusesBaselinesThatCannotBe) {
  EXPECT_THROW(architecture_named("tiny", "transformer"), ModelError);
  const auto changed = with_changes(architecture_named("tiny", "full"), {{"clusters", 1}, {"same_label_cosine", -1}});
  EXPECT_EQ(changed.network()->clusters, 1);
  EXPECT_EQ(changed.network()->same_label_cosine, -1);
  EXPECT_THROW(with_changes(changed, {{"cluster", 1}}), ModelError);
  EXPECT_THROW(with_changes(changed, {{"clusters", 99}}), ModelError);
  const nlohmann::json good = BaselineConfig::named("unet", "tiny");
  auto unknown = good, missing = good, odd = good;
  unknown["dropout"] = 0.1;
  missing.erase("channels");
  odd["crop"] = 50;
  for (const auto& json : {unknown, missing, odd}) EXPECT_THROW(json.get<BaselineConfig>(), ModelError);
}

class BaselineTraining : public testing::TestWithParam<const char*> {
 protected:
  TrainReport train_to(std::int64_t steps) {
    TrainOptions o;
    o.size = "tiny";
    o.variant = GetParam();
    o.steps = steps;
    o.decay_steps = 0;
    o.warmup_steps = 1;
    o.learning_rate = 2e-3;
    o.ema = 0.5;
    o.batch = 2;
    o.pool_crops = 6;
    o.validation_crops = 1;
    o.clicks.count_shares = {1};
    o.clicks.flawed_start_share = 0;
    o.validate_every = 1000;
    o.device = "cpu";
    auto source = test::balls();
    source.background_share = 0;
    source.licence = "CC0-1.0";
    return train(o, {source}, folder_ / "training", "", [](const std::string&) {});
  }
  const test::TempDir folder_;
};

TEST_P(BaselineTraining, LowersTheLossGoesOnAndIsExportedForStudiesOnly) {
  const auto first = train_to(3), later = train_to(9);
  EXPECT_EQ(later.steps, 9);
  EXPECT_LT(later.loss, first.loss);

  const bool marks = architecture_named("tiny", GetParam()).marks();
  EXPECT_EQ(later.validation_dice.size(), marks ? 3U : 0U);
  export_checkpoint(folder_ / "training/checkpoint.pt", folder_ / "model",
                    {.evaluation_crops = 0, .calibration_crops = 0}, [](const std::string&) {});
  const auto message = PUNCTUM_MESSAGE_OF(ModelError, Segmenter::load({folder_ / "model", "cpu", 1}));
  EXPECT_THAT(message, HasSubstr(std::string("it is the baseline \"") + GetParam() + " tiny\""));

  const auto model = load_for_evaluation({folder_ / "model", "cpu", 1});
  EXPECT_EQ(model.marks, marks);
  const auto geometry = test::grid({40, 40, 20, 1, 1, 3});
  const Volume volume{geometry, std::vector<std::int16_t>(40 * 40 * 20, 40)};
  const auto found = model.segmenter->segment(volume, "volume", {{{20, 20, 10}}}, nullptr);
  EXPECT_EQ(found.mask.voxels.size(), volume.hu.size());
  EXPECT_EQ(found.attributes.size(), marks ? 0U : attribute_count);
  if (!marks) {
    EXPECT_EQ(found.mask.count(), 0U);
  }
  const auto earlier = test::block(geometry, {15, 15, 8}, {10, 10, 4});
  const VoxelClick inside{{20, 20, 10}}, outside{{5, 5, 5}, ClickSign::negative};
  const auto corrected = model.segmenter->segment(volume, "volume", {inside, outside}, &earlier);
  EXPECT_EQ(corrected.mask.voxels.size(), volume.hu.size());
  EXPECT_EQ(corrected.mask.voxels[volume.index(outside.voxel)], 0);
}

INSTANTIATE_TEST_SUITE_P(OfThePaper, BaselineTraining, testing::Values("unet", "cnn"),
                         [](const auto& variant) { return std::string(variant.param); });

}  // namespace
}  // namespace punctum
