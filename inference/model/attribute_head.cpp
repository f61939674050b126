#include "inference/model/attribute_head.hpp"

#include "inference/model/region_numbers.hpp"

namespace punctum::network {

namespace nn = torch::nn;

AttributeHeadImpl::AttributeHeadImpl(const NetworkConfig& c, int region_features) {
  const int count = static_cast<int>(c.attribute_groups.size());
  res_block = register_module("res_block", ResidualBlock3d(c.channels, c.channels / 4));
  queries = register_module("queries", nn::Embedding(count, c.channels));
  cross_attn = register_module("cross_attn", CrossAttention(c.channels, c.decoder_heads, 2));
  self_attn = register_module("self_attn", CrossAttention(c.channels, c.decoder_heads, 2));
  norm1 = register_module("norm1", layer_norm(c.channels));
  norm2 = register_module("norm2", layer_norm(c.channels));
  norm3 = register_module("norm3", layer_norm(c.channels));
  mlp = register_module("mlp", FeedForward(c.channels, 2 * c.channels, /*gelu=*/true));
  region_mlp = register_module("region_mlp", Mlp(region_features, c.channels, c.channels, 2));
  number_mlp = register_module("number_mlp", Mlp(region_number_count, c.channels, c.channels, 2));
  for (const int labels : c.attribute_groups) {
    heads->push_back(nn::Sequential(nn::Linear(c.channels, c.channels), nn::GELU(), nn::Linear(c.channels, labels)));
  }
  register_module("heads", heads);
}

torch::Tensor AttributeHeadImpl::forward(const torch::Tensor& image, const torch::Tensor& tokens,
                                         const torch::Tensor& regions, const torch::Tensor& lesion) {
  const auto batch = image.size(0);
  const auto seen = torch::cat({res_block(image).flatten(2).transpose(1, 2), tokens}, 1);  // [B, N + T, C]
  auto a = queries->weight.unsqueeze(0).expand({batch, -1, -1});                           // [B, 5, C]
  a = norm1(a + cross_attn(a, seen, seen));
  const auto all = torch::cat({a, region_mlp(regions), lesion.unsqueeze(1)}, 1);  // [B, 5 + R + 1, C]
  a = norm2(a + self_attn(a, all, all));
  return norm3(a + mlp(a));
}

torch::Tensor AttributeHeadImpl::classify(const torch::Tensor& attributes, const torch::Tensor& numbers) {
  const auto described = attributes + number_mlp(numbers).unsqueeze(1);  // [B, 5, C]
  std::vector<torch::Tensor> logits;
  for (std::size_t i = 0; i < heads->size(); ++i) {
    logits.push_back(heads[i]->as<nn::Sequential>()->forward(described.select(1, static_cast<std::int64_t>(i))));
  }
  return torch::cat(logits, 1);
}

SynergyImpl::SynergyImpl(const NetworkConfig& c)
    : project_attributes(register_module("project_attributes", nn::Linear(c.channels, c.channels))),
      project_masks(register_module("project_masks", nn::Linear(c.channels, c.channels))),
      to_masks(register_module("to_masks", CrossAttention(c.channels, c.decoder_heads, 1))),
      to_attributes(register_module("to_attributes", CrossAttention(c.channels, c.decoder_heads, 1))),
      norm_masks(register_module("norm_masks", layer_norm(c.channels))),
      norm_attributes(register_module("norm_attributes", layer_norm(c.channels))),
      scale_masks(register_parameter("scale_masks", torch::full(c.channels, c.synergy_gain, torch::kFloat))),
      scale_attributes(register_parameter("scale_attributes", torch::full(c.channels, c.synergy_gain, torch::kFloat))) {
}

std::pair<torch::Tensor, torch::Tensor> SynergyImpl::forward(const torch::Tensor& masks,
                                                             const torch::Tensor& attributes) {
  const auto a = project_attributes(attributes), m = project_masks(masks);
  return {norm_masks(masks + scale_masks * to_masks(masks, a, a)),
          norm_attributes(attributes + scale_attributes * to_attributes(attributes, m, m))};
}

}  // namespace punctum::network
