#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "dicom/types/error.hpp"
#include "inference/model/lesion_network.hpp"

namespace punctum {
namespace {

TEST(NetworkConfig, SurvivesJson) {
  const nlohmann::json json = NetworkConfig::base();
  EXPECT_EQ(nlohmann::json(json.get<NetworkConfig>()), json);
}

TEST(NetworkConfig, FieldsYoungerThanAManifestHaveTheirDefaults) {
  nlohmann::json old = NetworkConfig::compact();
  old.erase("detail_mm");
  old.erase("sammed3d_compat");
  EXPECT_EQ(old.get<NetworkConfig>().detail_mm, 0);
  EXPECT_FALSE(old.get<NetworkConfig>().sammed3d_compat);
}

TEST(NetworkConfig, RefusesUnknownMissingAndContradictingFields) {
  const nlohmann::json good = NetworkConfig::compact();
  auto unknown = good, missing = good, contradiction = good;
  unknown["dropout"] = 0.1;
  missing.erase("width");
  contradiction["window"] = 4;
  EXPECT_THROW(unknown.get<NetworkConfig>(), ModelError);
  EXPECT_THROW(missing.get<NetworkConfig>(), ModelError);
  EXPECT_THROW(contradiction.get<NetworkConfig>(), ModelError);
}

TEST(LesionNetwork, CompactHasThreeToFourMillionParameters) {
  const network::LesionNetwork compact(NetworkConfig::compact());
  EXPECT_GT(compact->parameter_count(), 3'000'000);
  EXPECT_LT(compact->parameter_count(), 4'000'000);
}

TEST(LesionNetwork, NamesItsParametersAsSamMed3dDoes) {
  const network::LesionNetwork compact(NetworkConfig::compact());
  const auto named = compact->named_parameters();
  for (const char* name :
       {"image_encoder.patch_embed.proj.weight", "image_encoder.pos_embed", "image_encoder.blocks.0.attn.rel_pos_d",
        "image_encoder.blocks.5.mlp.lin1.weight", "image_encoder.neck.2.weight",
        "prompt_encoder.point_embeddings.1.weight", "prompt_encoder.mask_downscaling.6.weight",
        "mask_decoder.iou_token.weight", "mask_decoder.transformer.layers.1.cross_attn_token_to_image.q_proj.weight",
        "mask_decoder.transformer.norm_final_attn.weight", "mask_decoder.output_upscaling.3.weight",
        "mask_decoder.output_hypernetworks_mlps.3.layers.2.weight",
        "mask_decoder.iou_prediction_head.layers.0.weight"}) {
    EXPECT_NE(named.find(name), nullptr) << name;
  }
}

TEST(PointRefiner, KeepsTheClickAndAddsOnePointACluster) {
  torch::manual_seed(1);
  torch::NoGradGuard no_grad;
  network::LesionNetwork net(NetworkConfig::compact());
  const auto embedding = net->encode(torch::randn({1, 2, 48, 48, 48}), torch::full({1}, 1.5));
  const auto place = torch::tensor({10.0F, 20.0F, 30.0F}).view({1, 1, 3});
  const auto kind = torch::full({1, 1}, std::int64_t{network::kind_positive}, torch::kLong);
  const auto points = net->refine(embedding, place, kind, {});
  ASSERT_EQ(points.place.size(1), 4);
  EXPECT_TRUE(torch::equal(points.place[0][0], place[0][0]));
  EXPECT_EQ(points.kind[0][0].item<std::int64_t>(), network::kind_positive);
  EXPECT_FALSE(points.refined[0][0].item<bool>());
  const auto offset = (points.place[0] - place[0][0]).abs().max().item<double>();
  EXPECT_LE(offset * 1.5, 9.01);  // within the window, mm
  const auto again = net->refine(embedding, place, kind, {});
  EXPECT_TRUE(torch::equal(points.place, again.place));
}

TEST(PointRefiner, EachClickIsRefinedByItself) {
  torch::manual_seed(2);
  torch::NoGradGuard no_grad;
  network::LesionNetwork net(NetworkConfig::compact());
  const auto embedding = net->encode(torch::randn({1, 2, 48, 48, 48}), torch::full({1}, 1.5));
  const auto both = torch::tensor({{10.0F, 20.0F, 30.0F}, {25.0F, 25.0F, 20.0F}}).unsqueeze(0);
  const auto kinds = torch::tensor({{1, 0}}, torch::kLong);
  const auto forward = net->refine(embedding, both, kinds, {});
  const auto backward = net->refine(embedding, both.flip(1), kinds.flip(1), {});
  EXPECT_TRUE(torch::equal(forward.place.narrow(1, 0, 4), backward.place.narrow(1, 4, 4)));
  EXPECT_TRUE(torch::equal(forward.kind.narrow(1, 4, 4), backward.kind.narrow(1, 0, 4)));
}

}  // namespace
}  // namespace punctum
