#include "inference/model/click_maps.hpp"

#include <vector>

namespace punctum::network {
namespace {

constexpr double near_mm = 4, far_mm = 14;        // widths of the two nearness maps
constexpr double soft_slope = 5, wide_slope = 2;  // per unit of the image's two channels: 40 HU and 250 HU

/// exp(-d²/2σ²) summed up to 1 over the chosen points; place: [B, T, 3], weight: [B, T] -> [B, 1, n, n, n].
torch::Tensor nearness(const torch::Tensor& place, const torch::Tensor& weight, const torch::Tensor& spacing_mm,
                       std::int64_t n, double stride, double sigma_mm) {
  const auto at = (torch::arange(n, place.options()) + 0.5) * stride - 0.5;  // [n] in voxels of the crop
  const auto scale = (spacing_mm / sigma_mm).view({-1, 1, 1});
  const auto axis = [&](std::int64_t i) {  // [B, T, n]
    const auto d = (place.select(2, i).unsqueeze(2) - at.view({1, 1, -1})) * scale;
    return torch::exp(-0.5 * d * d);
  };
  const auto plane = axis(0).unsqueeze(3) * axis(1).unsqueeze(2);        // [B, T, n, n]
  const auto z = (plane * weight.unsqueeze(2).unsqueeze(3)).flatten(2);  // [B, T, n n]
  return torch::bmm(z.transpose(1, 2), axis(2)).view({-1, 1, n, n, n}).clamp_max(1.0);
}

/// Mean of the image over 3³ voxels under each click: [B, T, 2].
torch::Tensor density_under(const torch::Tensor& image, const torch::Tensor& place) {
  const auto side = image.size(2);
  const auto batch = place.size(0), count = place.size(1);
  const auto centre = place.round().to(torch::kLong).clamp(1, side - 2).to(torch::kCPU);
  auto result = torch::zeros({batch, count, image.size(1)}, image.options());
  const auto at = centre.accessor<std::int64_t, 3>();
  for (std::int64_t b = 0; b < batch; ++b) {
    for (std::int64_t t = 0; t < count; ++t) {
      auto cube = image[b];
      for (int i = 0; i < 3; ++i) cube = cube.narrow(i + 1, at[b][t][i] - 1, 3);
      result[b][t] = cube.mean({1, 2, 3});
    }
  }
  return result;
}

/// A cube of logits at another size, as what it says: -1 for no, 1 for yes. [B, 1, m, m, m] -> [B, 1, n, n, n].
torch::Tensor said_at(const torch::Tensor& logits, std::int64_t n) {
  const auto said = torch::tanh(logits / 2);
  const auto m = logits.size(2);
  if (m == n) return said;
  if (m > n) return torch::avg_pool3d(said, m / n);
  namespace F = torch::nn::functional;
  return F::interpolate(said, F::InterpolateFuncOptions()
                                  .size(std::vector<std::int64_t>{n, n, n})
                                  .mode(torch::kTrilinear)
                                  .align_corners(false));
}

struct Clicked {
  torch::Tensor place, kind;
};

/// Every sample has the same number of points, so clicks stand at the same places in all of them.
Clicked clicks_of(const PromptPoints& points) {
  const auto clicked = torch::nonzero(points.refined[0].logical_not()).flatten();
  return {points.place.index_select(1, clicked), points.kind.index_select(1, clicked)};
}

}  // namespace

torch::Tensor click_nearness(const PromptPoints& points, const torch::Tensor& spacing_mm, std::int64_t side,
                             double sigma_mm) {
  torch::NoGradGuard no_grad;
  const auto [place, kind] = clicks_of(points);
  return nearness(place, (kind >= 0).to(torch::kFloat), spacing_mm, side, 1, sigma_mm);
}

ClickMaps draw_clicks(const torch::Tensor& image, const torch::Tensor& spacing_mm, const PromptPoints& points,
                      const torch::Tensor& previous) {
  torch::NoGradGuard no_grad;
  const auto [place, kind] = clicks_of(points);
  const auto positive = (kind == kind_positive).to(torch::kFloat), negative = (kind == kind_negative).to(torch::kFloat);
  const auto side = image.size(2);

  const auto under = density_under(image, place);  // [B, T, 2]
  auto likeness = torch::zeros_like(image);        // [B, 2, S, S, S]
  const auto slope = torch::tensor({wide_slope, soft_slope}, image.options()).view({1, 2, 1, 1, 1});
  for (std::int64_t t = 0; t < place.size(1); ++t) {
    const auto reference = under.select(1, t).view({-1, 2, 1, 1, 1});
    const auto alike = torch::exp(-(image - reference).abs() * slope) * positive.select(1, t).view({-1, 1, 1, 1, 1});
    likeness = torch::maximum(likeness, alike);
  }
  const auto level = [&](std::int64_t stride) {
    const auto n = side / stride;
    const auto s = static_cast<double>(stride);
    return torch::cat(
        {nearness(place, positive, spacing_mm, n, s, near_mm), nearness(place, negative, spacing_mm, n, s, near_mm),
         nearness(place, positive, spacing_mm, n, s, far_mm), torch::avg_pool3d(likeness, stride),
         previous.defined() ? said_at(previous, n) : torch::zeros({image.size(0), 1, n, n, n}, image.options())},
        1);
  };
  return {level(4), level(2), likeness.narrow(1, 1, 1)};
}

}  // namespace punctum::network
