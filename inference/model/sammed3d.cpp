#include "inference/model/sammed3d.hpp"

#include <algorithm>

#include "dicom/types/error.hpp"
#include "inference/model/mask_decoder.hpp"

namespace punctum::network {

namespace nn = torch::nn;

namespace {

constexpr double decoder_epsilon = 1e-5;  // of its decoder's norms; its encoder's is 1e-6 as ours
constexpr int quality_hidden = 256;

/// Ours (z, y, x) in LPS to theirs (x, y, z) in RAS and back: the same steps either way. [B, C, S, S, S]
torch::Tensor to_their_axes(const torch::Tensor& cube) { return cube.permute({0, 1, 4, 3, 2}).flip({2, 3}); }
torch::Tensor to_our_axes(const torch::Tensor& cube) { return cube.flip({2, 3}).permute({0, 1, 4, 3, 2}); }

void widen_epsilon(nn::LayerNorm& norm) { norm->options.eps(decoder_epsilon); }

}  // namespace

SamImageEncoderImpl::SamImageEncoderImpl(const NetworkConfig& c) {
  patch_embed = register_module("patch_embed", nn::ModuleDict());
  patch_embed->update(std::vector<std::pair<std::string, std::shared_ptr<nn::Module>>>{
      {"proj", nn::Conv3d(nn::Conv3dOptions(c.input_channels, c.width, c.patch).stride(c.patch)).ptr()}});
  pos_embed = register_parameter("pos_embed", torch::zeros({1, c.grid(), c.grid(), c.grid(), c.width}));
  blocks = register_module("blocks", encoder_blocks(c));
  neck = register_module("neck", encoder_neck(c));
}

torch::Tensor SamImageEncoderImpl::forward(const torch::Tensor& image) {
  auto x = patch_embed["proj"]->as<nn::Conv3d>()->forward(image).permute({0, 2, 3, 4, 1}).contiguous() + pos_embed;
  for (const auto& block : *blocks) x = block->as<EncoderBlock>()->forward(x);
  return neck->forward(x.permute({0, 4, 1, 2, 3}).contiguous());
}

SamPromptEncoderImpl::SamPromptEncoderImpl(const NetworkConfig& c) : crop_(c.crop), grid_(c.grid()) {
  pe_layer = register_module("pe_layer", FourierPositions(c.channels));
  for (int i = 0; i < 2; ++i) point_embeddings->push_back(nn::Embedding(1, c.channels));
  register_module("point_embeddings", point_embeddings);
  not_a_point_embed = register_module("not_a_point_embed", nn::Embedding(1, c.channels));
  no_mask_embed = register_module("no_mask_embed", nn::Embedding(1, c.channels));
  mask_downscaling = register_module("mask_downscaling", mask_prompt_layers(c.channels));
}

torch::Tensor SamPromptEncoderImpl::embed_points(const torch::Tensor& place, const torch::Tensor& kind) {
  const auto label = [&](std::size_t i) { return point_embeddings[i]->as<nn::Embedding>()->weight.view({1, 1, -1}); };
  const auto is = [&](std::int64_t wanted) { return (kind == wanted).unsqueeze(2).to(torch::kFloat); };  // [B, T, 1]
  const auto none = not_a_point_embed->weight.view({1, 1, -1});
  const auto points = pe_layer((place + 0.5) / crop_) * (1 - is(kind_padding)) + is(kind_negative) * label(0) +
                      is(kind_positive) * label(1) + is(kind_padding) * none;
  return torch::cat({points, none.expand({place.size(0), -1, -1})}, 1);
}

torch::Tensor SamPromptEncoderImpl::grid_positions() {
  const auto& matrix = pe_layer->positional_encoding_gaussian_matrix;
  const auto at = (torch::arange(grid_, matrix.options()) + 0.5) / grid_;
  const auto axes = torch::meshgrid({at, at, at}, "ij");
  const auto swapped = torch::stack({axes[1], axes[0], axes[2]}, -1);  // clicks come as (0, 1, 2)
  return pe_layer(swapped).permute({3, 0, 1, 2}).unsqueeze(0);
}

SamMaskDecoderImpl::SamMaskDecoderImpl(const NetworkConfig& c) {
  iou_token = register_module("iou_token", nn::Embedding(1, c.channels));
  mask_tokens = register_module("mask_tokens", nn::Embedding(c.mask_tokens, c.channels));
  transformer = register_module("transformer", TwoWayTransformer(c));
  for (const auto& layer : *transformer->layers) {
    auto* block = layer->as<TwoWayBlock>();
    for (auto* norm : {&block->norm1, &block->norm2, &block->norm3, &block->norm4}) widen_epsilon(*norm);
  }
  widen_epsilon(transformer->norm_final_attn);
  output_upscaling = register_module("output_upscaling", mask_upscaling(c.channels));
  output_hypernetworks_mlps = register_module("output_hypernetworks_mlps", mask_hypernetworks(c));
  iou_prediction_head = register_module("iou_prediction_head", Mlp(c.channels, quality_hidden, c.mask_tokens, 3));
}

std::pair<torch::Tensor, torch::Tensor> SamMaskDecoderImpl::forward(const torch::Tensor& image,
                                                                    const torch::Tensor& dense,
                                                                    const torch::Tensor& prompts,
                                                                    const torch::Tensor& positions) {
  const auto batch = image.size(0), grid = image.size(2), count = mask_tokens->weight.size(0);
  const auto own = torch::cat({iou_token->weight, mask_tokens->weight}, 0).unsqueeze(0).expand({batch, -1, -1});
  const auto keys = (image + dense).flatten(2).transpose(1, 2), places = positions.flatten(2).transpose(1, 2);
  const auto [z, z_image] = transformer->forward(torch::cat({own, prompts}, 1), keys, places);
  const auto cube = z_image.transpose(1, 2).reshape({batch, image.size(1), grid, grid, grid});
  const auto features = output_upscaling->forward(cube);  // [B, C/8, S/4 ...]
  std::vector<torch::Tensor> weights;                     // one [B, C/8] a mask
  for (std::int64_t i = 0; i < count; ++i) {
    auto* mlp = output_hypernetworks_mlps[static_cast<std::size_t>(i)]->as<Mlp>();
    weights.push_back(mlp->forward(z.select(1, 1 + i)));
  }
  const auto n = features.size(2);
  return {torch::bmm(torch::stack(weights, 1), features.flatten(2)).view({batch, count, n, n, n}),
          iou_prediction_head(z.select(1, 0))};
}

SamMed3dImpl::SamMed3dImpl(const NetworkConfig& config) : config_(config) {
  config.check();
  image_encoder = register_module("image_encoder", SamImageEncoder(config));
  prompt_encoder = register_module("prompt_encoder", SamPromptEncoder(config));
  mask_decoder = register_module("mask_decoder", SamMaskDecoder(config));
}

Embedding SamMed3dImpl::encode(const torch::Tensor& image, const torch::Tensor& spacing_mm) {
  return {image, spacing_mm, {image_encoder(to_their_axes(image).contiguous()), {}, {}}};
}

Prediction SamMed3dImpl::decode(const Embedding& embedding, const PromptPoints& points, const torch::Tensor& previous) {
  const auto batch = embedding.image.size(0), quarter = std::int64_t{config_.crop / 4};
  const auto along = points.place.unbind(2);  // z, y, x
  const double last = config_.crop - 1;
  const auto place = torch::stack({last - along[2], last - along[1], along[0]}, 2);
  const auto mask = previous.defined() ? to_their_axes(previous).contiguous()
                                       : torch::zeros({batch, 1, quarter, quarter, quarter}, embedding.image.options());
  const auto dense = prompt_encoder->mask_downscaling->forward(mask);
  const auto [masks, quality] =
      mask_decoder->forward(embedding.encoded.tokens, dense, prompt_encoder->embed_points(place, points.kind),
                            prompt_encoder->grid_positions());
  namespace F = torch::nn::functional;
  const std::vector<std::int64_t> whole(3, config_.crop);
  const auto first = masks.narrow(1, 0, 1);
  Prediction answer;
  answer.candidates = to_our_axes(masks);
  answer.logits = to_our_axes(
      F::interpolate(first, F::InterpolateFuncOptions().size(whole).mode(torch::kTrilinear).align_corners(false)));
  answer.quality = quality;
  answer.feedback = to_our_axes(first);
  return answer;
}

torch::Tensor SamMed3dImpl::as_prompt(const torch::Tensor& logits) const { return torch::avg_pool3d(logits, 4); }

namespace {

const StoredTensor& tensor_named(const WeightsFile& weights, const std::string& name, std::size_t axes) {
  const auto found = weights.tensors.find(name);
  if (found == weights.tensors.end()) {
    throw ModelError("cannot read SAM-Med3D weights: tensor '" + name + "' is missing");
  }
  if (found->second.shape.size() == axes) return found->second;
  throw ModelError("cannot read SAM-Med3D weights: tensor '" + name + "' has " +
                   std::to_string(found->second.shape.size()) + " axes, expected " + std::to_string(axes));
}

constexpr std::int64_t longest_side = 16384;

/// What a network of these sizes would hold at least, before it is made: its blocks.
void require_numbers_for(const NetworkConfig& c, const WeightsFile& weights) {
  std::int64_t held = 0;
  for (const auto& [name, tensor] : weights.tensors) held += static_cast<std::int64_t>(tensor.values.size());
  const std::int64_t width = c.width, a_block = width * width * (4 + 2 * std::int64_t{c.mlp_ratio});
  if (a_block * c.depth <= held) return;
  throw ModelError("cannot read SAM-Med3D weights: they hold " + std::to_string(held) + " numbers, expected at least " +
                   std::to_string(a_block * c.depth) + " for " + std::to_string(c.depth) + " blocks of width " +
                   std::to_string(width));
}

/// How many modules of a list there are.
int count_of(const WeightsFile& weights, const std::string& list, const std::string& parameter) {
  int count = 0;
  while (weights.tensors.contains(list + "." + std::to_string(count) + "." + parameter)) ++count;
  return count;
}

}  // namespace

NetworkConfig sammed3d_config_of(const WeightsFile& weights) {
  const auto side = [&](const std::string& name, std::size_t axes, std::size_t axis) {
    const auto found = tensor_named(weights, name, axes).shape[axis];
    if (found >= 1 && found <= longest_side) return static_cast<int>(found);
    throw ModelError("cannot read SAM-Med3D weights: tensor '" + name + "' has a side of " + std::to_string(found) +
                     ", expected 1 to " + std::to_string(longest_side));
  };
  auto c = NetworkConfig::sammed3d();
  const std::string encoder = "image_encoder.", decoder = "mask_decoder.";
  c.width = side(encoder + "pos_embed", 5, 4);
  c.patch = side(encoder + "patch_embed.proj.weight", 5, 2);
  const int grid = side(encoder + "pos_embed", 5, 1);
  c.crop = grid * c.patch;
  c.depth = count_of(weights, encoder + "blocks", "attn.rel_pos_d");
  const int head = side(encoder + "blocks.0.attn.rel_pos_d", 2, 1);
  c.heads = c.width / head;
  c.mlp_ratio = side(encoder + "blocks.0.mlp.lin1.weight", 2, 0) / c.width;
  c.global_blocks.clear();
  for (int i = 0; i < c.depth; ++i) {
    const int rows = side(encoder + "blocks." + std::to_string(i) + ".attn.rel_pos_d", 2, 0);
    if (rows == 2 * grid - 1) {
      c.global_blocks.push_back(i);
    } else {
      c.window = (rows + 1) / 2;
    }
  }
  c.channels = side(encoder + "neck.0.weight", 5, 0);
  c.decoder_depth = count_of(weights, decoder + "transformer.layers", "norm1.weight");
  c.decoder_mlp = side(decoder + "transformer.layers.0.mlp.lin1.weight", 2, 0);
  c.mask_tokens = side(decoder + "mask_tokens.weight", 2, 0);
  c.check();
  require_numbers_for(c, weights);
  return c;
}

}  // namespace punctum::network
