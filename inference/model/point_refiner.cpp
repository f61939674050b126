#include "inference/model/point_refiner.hpp"

#include <cmath>
#include <numbers>

#include "inference/model/kmeans.hpp"

namespace punctum::network {
namespace {

namespace F = torch::nn::functional;

constexpr double small_lesion_mm = 12;

/// features: [1, C, n, n, n]; unit: [L, 3] (z, y, x) in 0..1 over the crop -> [L, C], rows of unit length.
torch::Tensor sample_rows(const torch::Tensor& features, const torch::Tensor& unit) {
  const auto xyz = (unit * 2 - 1).flip(1).view({1, -1, 1, 1, 3});  // grid_sample wants (x, y, z)
  const auto options =
      F::GridSampleFuncOptions().mode(torch::kBilinear).padding_mode(torch::kBorder).align_corners(false);
  const auto rows = F::grid_sample(features, xyz, options).flatten(2).squeeze(0).t();  // [L, C]
  return F::normalize(rows, F::NormalizeFuncOptions().dim(1));
}

/// Diameter of a ball of the volume that the logits mark.
double marked_diameter_mm(const torch::Tensor& logits, double voxel_mm) {
  const double voxels = (logits > 0).sum().item<double>();
  return voxel_mm * std::cbrt(6 * voxels / std::numbers::pi);
}

/// Places of the window, (z, y, x) in voxels, clipped to the crop; the click itself is the middle row.
torch::Tensor lattice_around(const torch::Tensor& click, double radius_mm, double step_mm, double spacing_mm,
                             int crop) {
  const int steps = static_cast<int>(std::lround(radius_mm / step_mm));
  const auto axis = torch::arange(-steps, steps + 1, torch::kFloat) * (step_mm / spacing_mm);
  const auto offsets = torch::stack(torch::meshgrid({axis, axis, axis}, "ij"), -1).view({-1, 3});
  return (offsets + click.unsqueeze(0)).clamp(0, crop - 1);
}

float cosine(const Clusters& clusters, std::size_t a, std::size_t b, std::size_t dimensions) {
  float ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < dimensions; ++i) {
    const float x = clusters.centroids[a * dimensions + i], y = clusters.centroids[b * dimensions + i];
    ab += x * y, aa += x * x, bb += y * y;
  }
  return ab / std::max(std::sqrt(aa * bb), 1e-12f);
}

}  // namespace

PromptPoints PointRefiner::refine(const EncodedImage& image, const torch::Tensor& spacing_mm,
                                  const torch::Tensor& place, const torch::Tensor& kind,
                                  const torch::Tensor& previous) const {
  const auto device = place.device();
  if (!config_.refinement) return {place, kind, torch::zeros_like(kind, torch::kBool)};
  torch::NoGradGuard no_grad;
  const auto batch = place.size(0), count = place.size(1), per_click = std::int64_t{1 + config_.clusters};
  const auto clicks = place.to(torch::kCPU, torch::kFloat), kinds = kind.to(torch::kCPU);
  const auto spacings = spacing_mm.to(torch::kCPU);
  auto places = torch::zeros({batch, count * per_click, 3}),
       refined = torch::ones({batch, count * per_click}, torch::kBool);
  auto labels = torch::full({batch, count * per_click}, std::int64_t{kind_padding}, torch::kLong);

  for (std::int64_t b = 0; b < batch; ++b) {
    const double spacing = spacings[b].item<double>();
    double radius = config_.lattice_radius_mm, step = config_.lattice_step_mm;
    if (previous.defined()) {
      const double diameter =
          marked_diameter_mm(previous[b], spacing * config_.crop / static_cast<double>(previous.size(2)));
      if (diameter > 0 && diameter < small_lesion_mm) radius /= 2, step /= 2;
    }
    for (std::int64_t n = 0; n < count; ++n) {
      const auto at = n * per_click;
      places[b][at] = clicks[b][n];
      refined[b][at] = false;
      labels[b][at] = kinds[b][n];
      if (kinds[b][n].item<std::int64_t>() == kind_padding) continue;
      const auto lattice = lattice_around(clicks[b][n], radius, step, spacing, config_.crop);
      const auto unit = ((lattice + 0.5) / config_.crop).to(device);
      const auto rows =
          torch::cat(
              {sample_rows(image.tokens.slice(0, b, b + 1), unit), sample_rows(image.half.slice(0, b, b + 1), unit)}, 1)
              .to(torch::kCPU)
              .contiguous();
      const auto row_count = rows.size(0), dimensions = rows.size(1);
      const auto middle = row_count / 2;
      const auto clusters = k_means({rows.data_ptr<float>(), static_cast<std::size_t>(rows.numel())},
                                    static_cast<int>(dimensions), config_.clusters, static_cast<int>(middle));
      const int own = clusters.cluster_of[static_cast<std::size_t>(middle)];
      for (int c = 0; c < config_.clusters; ++c) {
        const bool alike = c == own || cosine(clusters, static_cast<std::size_t>(c), static_cast<std::size_t>(own),
                                              static_cast<std::size_t>(dimensions)) >= config_.same_label_cosine;
        places[b][at + 1 + c] = lattice[clusters.representative[static_cast<std::size_t>(c)]];
        labels[b][at + 1 + c] = alike ? kinds[b][n].item<std::int64_t>() : std::int64_t{kind_context};
      }
    }
  }
  return {places.to(device), labels.to(device), refined.to(device)};
}

}  // namespace punctum::network
