#include "inference/model/lesion_network.hpp"

#include "inference/model/growth.hpp"
#include "inference/model/precision.hpp"
#include "inference/model/region_numbers.hpp"

namespace punctum::network {
namespace {

constexpr double feedback_limit = 12;  // logits of the mask prompt stay within

/// What the attribute head sees of the lesion as marked: mean features inside, on the rim and just outside, and how
/// much there is of each. features: [B, F, n, n, n], p: [B, 1, n, n, n] -> [B, 3, F + 1].
torch::Tensor describe_regions(const torch::Tensor& features, const torch::Tensor& p) {
  const auto outside = grown(grown(p)) * (1 - p);
  const auto weights = torch::cat({p, 4 * p * (1 - p), outside}, 1).flatten(2);  // [B, 3, n³]
  const auto mass = weights.sum(2, /*keepdim=*/true);                            // [B, 3, 1]
  const auto means = torch::bmm(weights, features.flatten(2).transpose(1, 2)) / (mass + 1);
  return torch::cat({means, torch::log1p(mass) * 0.25}, 2);
}

constexpr int image_moments = 4;

/// Density and its square at half resolution: from them follow mean and spread. [B, 2, S ...] -> [B, 4, S/2 ...].
torch::Tensor moments_of(const torch::Tensor& image) {
  return torch::avg_pool3d(torch::cat({image, image * image}, 1), 2);
}

/// Sums over a whole crop: too long for 16 bits.
torch::Tensor numbers_of(const Embedding& embedding, const torch::Tensor& logits) {
  const FullPrecision full;
  return standardized(region_numbers(embedding.image, logits.to(torch::kFloat), embedding.spacing_mm));
}

}  // namespace

LesionNetworkImpl::LesionNetworkImpl(const NetworkConfig& config) : config_(config), refiner_(config) {
  config.check();
  image_encoder = register_module("image_encoder", ImageEncoder(config));
  prompt_encoder = register_module("prompt_encoder", PromptEncoder(config));
  mask_decoder = register_module("mask_decoder", MaskDecoder(config));
  attribute_head = register_module("attribute_head", AttributeHead(config, config.channels / 8 + image_moments + 1));
  synergy = register_module("synergy", Synergy(config));
}

Embedding LesionNetworkImpl::encode(const torch::Tensor& image, const torch::Tensor& spacing_mm) {
  return {image, spacing_mm, image_encoder(image, spacing_mm)};
}

PromptPoints LesionNetworkImpl::refine(const Embedding& embedding, const torch::Tensor& place,
                                       const torch::Tensor& kind, const torch::Tensor& previous) const {
  return refiner_.refine(embedding.encoded, embedding.spacing_mm, place, kind, previous);
}

Prediction LesionNetworkImpl::decode(const Embedding& embedding, const PromptPoints& points,
                                     const torch::Tensor& previous) {
  const auto clicks = draw_clicks(embedding.image, embedding.spacing_mm, points, previous);
  const auto prompts = prompt_encoder->embed_points(points);
  const auto dense = prompt_encoder->embed_mask(previous, embedding.image.size(0));
  const auto z = mask_decoder->decode(embedding.encoded, prompts, dense, prompt_encoder->grid_positions(), clicks);

  // A first mask, only to know where the lesion is: the attributes are those of the region that is marked.
  const auto first = mask_decoder->mask_logits(z.masks.narrow(1, 0, 1), z.features);  // [B, 1, S/2 ...]
  const auto p = torch::sigmoid(first).detach();
  const auto at_grid = torch::avg_pool3d(p, p.size(2) / z.image.size(2)).flatten(2);  // [B, 1, N]
  const auto lesion = torch::bmm(at_grid, z.image.flatten(2).transpose(1, 2)) / (at_grid.sum(2, true) + 0.1);
  const auto regions = describe_regions(torch::cat({z.features, moments_of(embedding.image)}, 1), p);
  const auto a = attribute_head->forward(z.image, z.all, regions, lesion.squeeze(1));  // [B, 5, C]

  auto z_seg = torch::cat({z.masks, lesion}, 1), z_attr = a;  // [B, M + 1, C], [B, 5, C]
  if (config_.synergy) std::tie(z_seg, z_attr) = synergy->forward(z_seg, a);

  Prediction answer;
  answer.candidates = mask_decoder->mask_logits(z_seg.narrow(1, 0, config_.mask_tokens), z.features);
  answer.logits =
      mask_decoder->highres->sharpen(z.features, answer.candidates.narrow(1, 0, 1), embedding.image, clicks);
  const auto numbers = numbers_of(embedding, answer.logits.detach());
  answer.quality = mask_decoder->quality_logits(z.iou, numbers);
  answer.attributes = attribute_head->classify(z_attr, numbers);
  answer.feedback = as_prompt(answer.logits.detach());
  return answer;
}

torch::Tensor LesionNetworkImpl::as_prompt(const torch::Tensor& logits) const {
  return torch::avg_pool3d(logits.clamp(-feedback_limit, feedback_limit), config_.patch / 4);
}

std::int64_t LesionNetworkImpl::parameter_count() const {
  std::int64_t count = 0;
  for (const auto& parameter : parameters()) count += parameter.numel();
  return count;
}

}  // namespace punctum::network
