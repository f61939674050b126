#include "inference/model/region_numbers.hpp"

#include <algorithm>
#include <array>
#include <numbers>
#include <vector>

#include "inference/model/growth.hpp"
#include "inference/model/region_number_scales.hpp"

namespace punctum::network {
namespace {

using torch::Tensor;

constexpr double hu_unit = 100;      // densities are in hundreds of HU
constexpr double hu_of_image = 500;  // what 1 means in the image's first channel
constexpr double clear_contrast = 0.2, least_contrast = 0.1;
constexpr double least_step = 0.03, lowest_edge = -3, highest_edge = 4;  // of what edges are sought in: -300 to 400 HU
constexpr double farthest = 5;                                           // standard deviations that a head is shown
constexpr int border_rings = 5;                                          // from the second layer inside outwards

/// Core, second and first layer within the border; first, second, third and fourth, fifth and sixth shell around.
/// mask: [B, 1, S, S, S] bool -> [B, 7, S³].
Tensor shells_of(const Tensor& mask) {
  const auto inner = shrunk(mask), core = shrunk(inner);
  const auto first = grown(mask), second = grown(first);
  const auto fourth = grown(grown(second)), sixth = grown(grown(fourth));
  return torch::cat({core, inner.logical_xor(core), mask.logical_xor(inner), first.logical_xor(mask),
                     second.logical_xor(first), fourth.logical_xor(second), sixth.logical_xor(fourth)},
                    1)
      .flatten(2)
      .to(torch::kFloat);
}

/// values: [B, V, S³] averaged over each ring: [B, R, V]; 0 where a ring is empty.
Tensor means_in(const Tensor& rings, const Tensor& values) {
  return torch::bmm(rings, values.transpose(1, 2)) / rings.sum(2, /*keepdim=*/true).clamp_min(1);
}

/// Area of the surface where p passes a half, in voxel faces: [B].
Tensor surface_of(const Tensor& p) {
  const auto at = [&](std::int64_t axis, std::int64_t start) {
    auto part = p.squeeze(1);
    for (std::int64_t i = 0; i < 3; ++i) part = part.narrow(i + 1, i == axis ? start : 1, part.size(i + 1) - 2);
    return part;
  };
  auto square = torch::zeros_like(at(0, 0));
  for (std::int64_t axis = 0; axis < 3; ++axis) square = square + (0.5 * (at(axis, 2) - at(axis, 0))).square();
  return torch::sqrt(square).sum({1, 2, 3});
}

/// Semi-axes in mm of the ellipsoid with the mask's second moments, ascending: [B, 3].
Tensor semi_axes_mm(const Tensor& mask, const Tensor& volume, const Tensor& spacing_mm) {
  const auto side = mask.size(2);
  const auto cube = mask.squeeze(1) / volume.view({-1, 1, 1, 1});  // sums to 1
  const auto at = torch::arange(side, mask.options()) - 0.5 * static_cast<double>(side);
  std::vector<Tensor> means, rows;
  const std::array planes{cube.sum(3), cube.sum(2), cube.sum(1)};  // (z, y), (z, x), (y, x)
  const std::array lines{planes[0].sum(2), planes[0].sum(1), planes[1].sum(1)};
  for (const auto& line : lines) means.push_back((line * at).sum(1));
  const auto product = [&](std::size_t i, std::size_t j) {
    const auto second =
        i == j ? (lines[i] * at.square()).sum(1) : (planes[i + j - 1] * at.view({-1, 1}) * at).sum({1, 2});
    return second - means[i] * means[j];
  };
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) rows.push_back(product(std::min(i, j), std::max(i, j)));
  }
  const auto covariance = torch::stack(rows, 1).view({-1, 3, 3});
  const auto own = torch::eye(3, mask.options()) / 12;  // a voxel's own extent
  const auto variance = torch::linalg_eigvalsh(covariance + own).clamp_min(1.0 / 12);
  return torch::sqrt(5 * variance) * spacing_mm.unsqueeze(1);
}

Tensor form_numbers(const Tensor& mask, const Tensor& p, const Tensor& spacing_mm) {  // [B, 9]
  using std::numbers::pi;
  const auto volume = mask.flatten(1).sum(1).clamp_min(1);
  const auto axes = semi_axes_mm(mask, volume, spacing_mm);
  const auto volume_mm3 = volume * spacing_mm.pow(3), area_mm2 = (surface_of(p) + 1) * spacing_mm.square();
  const auto ellipsoid_mm3 = axes.prod(1) * (4 * pi / 3);
  const auto sphericity = std::cbrt(pi) * (6 * volume_mm3).pow(2.0 / 3) / area_mm2;
  const auto at_face = mask.flatten(1).sum(1) - mask.narrow(2, 1, mask.size(2) - 2)
                                                    .narrow(3, 1, mask.size(3) - 2)
                                                    .narrow(4, 1, mask.size(4) - 2)
                                                    .flatten(1)
                                                    .sum(1);
  return torch::cat(
      {torch::log(axes) * 0.5,
       torch::stack({torch::log10(volume_mm3) * 0.5, volume_mm3 / ellipsoid_mm3, sphericity.clamp_max(2),
                     torch::log(volume_mm3 / area_mm2 + 0.1), torch::log2(spacing_mm / 1.5), at_face / volume},
                    1)},
      1);
}

/// The highest values within so many voxels along y and x. t: [B, 1, S, S, S] -> same.
Tensor highest_in_plane(Tensor t, int reach) {
  for (int i = 0; i < reach; ++i) {
    for (std::int64_t axis = -2; axis < 0; ++axis) t = grown_along(t, axis);
  }
  return t;
}

/// Steepness along y and x, per voxel. t: [B, 1, S, S, S] -> same, 0 on the faces.
Tensor slope_in_plane(const Tensor& t) {
  auto squares = torch::zeros_like(t);
  for (std::int64_t axis = -2; axis < 0; ++axis) {
    const auto n = t.size(axis) - 2;
    squares.narrow(axis, 1, n).add_((0.5 * (t.narrow(axis, 2, n) - t.narrow(axis, 0, n))).square());
  }
  return torch::sqrt(squares);
}

/// How steep the border is for the height of its steps: a sharp one in the layers beside it, a wide one evenly and
/// less. Step by step, since what lies around a lesion differs; in the plane, since thick slices blur the third axis;
/// strong steps count more. Good also where the mask misses the border by a voxel. hu: [B, 1, S, S, S], rings: [B, 7,
/// S³] of shells_of -> [B, 2 + border_rings + 1]: the whole border, weighted twice over, ring by ring, and the
/// logarithm of the mean step.
Tensor edge_numbers(const Tensor& hu, const Tensor& rings, int reach) {
  const auto step = highest_in_plane(hu, reach) + highest_in_plane(-hu, reach);
  const auto ratio = (slope_in_plane(hu) * step).flatten(2), weight = step.square().flatten(2);
  const auto sums = torch::bmm(rings.narrow(1, 1, border_rings),
                               torch::cat({ratio, weight, ratio * weight, weight * weight}, 1).transpose(1, 2));
  const auto total = sums.sum(1);  // [B, 4]
  const auto over = [](const Tensor& a, const Tensor& b) { return a / (b + least_step * least_step); };
  const auto voxels = rings.narrow(1, 1, border_rings).sum({1, 2});
  const auto mean_step = torch::log(over(total.select(1, 1), voxels) + least_step * least_step);
  return torch::cat({over(total.select(1, 0), total.select(1, 1)).unsqueeze(1),
                     over(total.select(1, 2), total.select(1, 3)).unsqueeze(1),
                     over(sums.select(2, 0), sums.select(2, 1)), mean_step.unsqueeze(1)},
                    1);
}

Tensor certainty_of(const Tensor& mask, const Tensor& p) {  // [B, 1]
  return ((p * mask).flatten(1).sum(1) / torch::maximum(p, mask).flatten(1).sum(1).clamp_min(1)).unsqueeze(1);
}

}  // namespace

Tensor region_numbers(const Tensor& image, const Tensor& logits, const Tensor& spacing_mm) {
  torch::NoGradGuard no_grad;
  const auto p = torch::sigmoid(logits);
  const auto marked = logits > 0;
  const auto mask = marked.to(torch::kFloat);
  const auto hu = image.narrow(1, 0, 1) * (hu_of_image / hu_unit), soft = image.narrow(1, 1, 1);
  const auto grain = (hu - torch::avg_pool3d(hu, 3, 1, 1)).abs();
  const auto fat = (hu > -2).logical_and(hu < -0.3).to(torch::kFloat), gas = (hu < -3).to(torch::kFloat),
             dense = (hu > 1.5).to(torch::kFloat);

  const auto within = hu.clamp(lowest_edge, highest_edge);

  const auto rings = shells_of(marked);
  const auto values = torch::cat({hu, hu * hu, grain, soft, fat, gas, dense}, 1).flatten(2);
  const auto means = means_in(rings, values);                                                 // [B, 7, 7]
  const auto mean = means.select(2, 0);                                                       // [B, 7]
  const auto spread = torch::sqrt((means.select(2, 1) - mean.square()).clamp_min(0) + 1e-6);  // [B, 7]
  const auto weight = rings.sum(2);                                                           // [B, 7] voxels
  const auto share = torch::log1p(weight) * 0.15;

  // Contrast: the whole lesion against the shells 3 to 9 mm around it (at 1.5 mm).
  const auto over = [&](std::int64_t from, std::int64_t count) {
    const auto w = weight.narrow(1, from, count);
    return (mean.narrow(1, from, count) * w).sum(1, true) / w.sum(1, true).clamp_min(1);
  };
  const auto around = over(5, 2), contrast = over(0, 3) - around;                            // [B, 1]
  const auto profile = (mean.narrow(1, 0, 6) - around) / (contrast.abs() + least_contrast);  // [B, 6]
  return torch::cat({mean * 0.5, spread, means.select(2, 2), means.select(2, 3), share, contrast,
                     torch::tanh(contrast / clear_contrast), profile, means.slice(2, 4, 7).slice(1, 4, 7, 2).flatten(1),
                     form_numbers(mask, p, spacing_mm), certainty_of(mask, p), p.flatten(1).amax(1, true),
                     edge_numbers(torch::avg_pool3d(within, {3, 1, 1}, 1, {1, 0, 0}), rings, 3),
                     edge_numbers(torch::avg_pool3d(within, 3, 1, 1), rings, 2)},
                    1);
}

Tensor standardized(const Tensor& numbers) {
  const auto row = [&](std::size_t column) {
    std::array<float, region_number_count> values{};
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = region_number_scales[i][column];
    return torch::tensor(at::ArrayRef<float>(values)).to(numbers.device());
  };
  return ((numbers - row(0)) / row(1)).clamp(-farthest, farthest);
}

}  // namespace punctum::network
