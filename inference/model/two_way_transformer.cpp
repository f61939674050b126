#include "inference/model/two_way_transformer.hpp"

namespace punctum::network {

TwoWayBlockImpl::TwoWayBlockImpl(int channels, int heads, int mlp_width, bool first)
    : self_attn(register_module("self_attn", CrossAttention(channels, heads, 1))),
      cross_attn_token_to_image(register_module("cross_attn_token_to_image", CrossAttention(channels, heads, 2))),
      cross_attn_image_to_token(register_module("cross_attn_image_to_token", CrossAttention(channels, heads, 2))),
      norm1(register_module("norm1", layer_norm(channels))),
      norm2(register_module("norm2", layer_norm(channels))),
      norm3(register_module("norm3", layer_norm(channels))),
      norm4(register_module("norm4", layer_norm(channels))),
      mlp(register_module("mlp", FeedForward(channels, mlp_width, /*gelu=*/false))),
      first_(first) {}

std::pair<torch::Tensor, torch::Tensor> TwoWayBlockImpl::forward(torch::Tensor queries, torch::Tensor keys,
                                                                 const torch::Tensor& query_positions,
                                                                 const torch::Tensor& key_positions) {
  if (first_) {
    queries = self_attn(queries, queries, queries);
  } else {
    const auto placed = queries + query_positions;
    queries = queries + self_attn(placed, placed, queries);
  }
  queries = norm1(queries);
  queries = norm2(queries + cross_attn_token_to_image(queries + query_positions, keys + key_positions, keys));
  queries = norm3(queries + mlp(queries));
  keys = norm4(keys + cross_attn_image_to_token(keys + key_positions, queries + query_positions, queries));
  return {queries, keys};
}

TwoWayTransformerImpl::TwoWayTransformerImpl(const NetworkConfig& c) {
  for (int i = 0; i < c.decoder_depth; ++i) {
    layers->push_back(TwoWayBlock(c.channels, c.decoder_heads, c.decoder_mlp, /*first=*/i == 0));
  }
  register_module("layers", layers);
  final_attn_token_to_image =
      register_module("final_attn_token_to_image", CrossAttention(c.channels, c.decoder_heads, 2));
  norm_final_attn = register_module("norm_final_attn", layer_norm(c.channels));
}

std::pair<torch::Tensor, torch::Tensor> TwoWayTransformerImpl::forward(const torch::Tensor& tokens,
                                                                       const torch::Tensor& image,
                                                                       const torch::Tensor& positions) {
  auto queries = tokens, keys = image;
  for (const auto& layer : *layers) {
    std::tie(queries, keys) = layer->as<TwoWayBlock>()->forward(queries, keys, tokens, positions);
  }
  queries = norm_final_attn(queries + final_attn_token_to_image(queries + tokens, keys + positions, keys));
  return {queries, keys};
}

}  // namespace punctum::network
