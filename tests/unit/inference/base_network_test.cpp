#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "inference/model/lesion_network.hpp"
#include "inference/model/network_weights.hpp"
#include "inference/model/sammed3d.hpp"

namespace punctum {
namespace {

TEST(BaseNetwork, IsOfTheSizeOfItsFamilyAndAnswersAClick) {
  at::set_num_threads(1);
  torch::NoGradGuard no_grad;
  network::LesionNetwork net(NetworkConfig::base());
  EXPECT_GT(net->parameter_count(), 95'000'000);
  EXPECT_LT(net->parameter_count(), 125'000'000);
  const auto embedding = net->encode(torch::randn({1, 2, 128, 128, 128}), torch::full({1}, 1.5));
  EXPECT_EQ(embedding.encoded.tokens.sizes(), (c10::IntArrayRef{1, 384, 8, 8, 8}));
  const auto place = torch::full({1, 1, 3}, 64.0);
  const auto points = net->refine(embedding, place, torch::ones({1, 1}, torch::kLong), {});
  const auto answer = net->decode(embedding, points, {});
  EXPECT_EQ(answer.logits.sizes(), (c10::IntArrayRef{1, 1, 128, 128, 128}));
  EXPECT_EQ(answer.feedback.sizes(), (c10::IntArrayRef{1, 1, 32, 32, 32}));
  EXPECT_EQ(answer.attributes.sizes(), (c10::IntArrayRef{1, 13}));
  EXPECT_TRUE(torch::isfinite(answer.logits).all().item<bool>());
}

TEST(BaseNetwork, TakesTheShapesOfSamMed3d) {
  at::set_num_threads(1);
  torch::NoGradGuard no_grad;
  network::SamMed3d net(NetworkConfig::sammed3d());
  std::int64_t parameters = 0;
  for (const auto& parameter : net->parameters()) parameters += parameter.numel();
  EXPECT_GT(parameters, 100'000'000);  // 100.5 million by its paper's code
  EXPECT_LT(parameters, 101'000'000);
  EXPECT_EQ(nlohmann::json(network::sammed3d_config_of(network::weights_of(*net))),
            nlohmann::json(NetworkConfig::sammed3d()));
  const auto embedding = net->encode(torch::randn({1, 1, 128, 128, 128}), torch::full({1}, 1.5));
  const auto points = net->refine(embedding, torch::full({1, 1, 3}, 64.0), torch::ones({1, 1}, torch::kLong), {});
  const auto answer = net->decode(embedding, points, {});
  EXPECT_EQ(answer.logits.sizes(), (c10::IntArrayRef{1, 1, 128, 128, 128}));
  EXPECT_EQ(answer.feedback.sizes(), (c10::IntArrayRef{1, 1, 32, 32, 32}));
  EXPECT_FALSE(answer.attributes.defined());
  EXPECT_TRUE(torch::isfinite(answer.logits).all().item<bool>());
}

}  // namespace
}  // namespace punctum
