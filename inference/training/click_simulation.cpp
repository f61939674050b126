#include "inference/training/click_simulation.hpp"

#include <vector>

namespace punctum::network {
namespace {

/// Voxels whose 3³ neighbourhood lies within the region. [S, S, S] bool -> same.
torch::Tensor inner_voxels(const torch::Tensor& region) {
  const auto outside = region.logical_not().to(torch::kFloat).unsqueeze(0).unsqueeze(0);
  return torch::max_pool3d(outside, 3, 1, 1).squeeze(0).squeeze(0) < 0.5;
}

std::array<std::int64_t, 3> unravel(std::int64_t at, std::int64_t side) {
  return {at / (side * side), at / side % side, at % side};
}

/// The largest 6-connected part of a region, as indices.
std::vector<std::int64_t> largest_part(const torch::Tensor& region) {
  const auto side = region.size(0);
  const auto flat = region.contiguous();
  const bool* in = flat.data_ptr<bool>();
  std::vector<char> seen(static_cast<std::size_t>(side * side * side), 0);
  std::vector<std::int64_t> best, part;
  for (std::int64_t start = 0; start < side * side * side; ++start) {
    if (!in[start] || seen[static_cast<std::size_t>(start)]) continue;
    part.assign(1, start);
    seen[static_cast<std::size_t>(start)] = 1;
    for (std::size_t i = 0; i < part.size(); ++i) {
      const auto [z, y, x] = unravel(part[i], side);
      const auto visit = [&](bool inside, std::int64_t next) {
        if (!inside || !in[next] || seen[static_cast<std::size_t>(next)]) return;
        seen[static_cast<std::size_t>(next)] = 1;
        part.push_back(next);
      };
      visit(z > 0, part[i] - side * side), visit(z + 1 < side, part[i] + side * side);
      visit(y > 0, part[i] - side), visit(y + 1 < side, part[i] + side);
      visit(x > 0, part[i] - 1), visit(x + 1 < side, part[i] + 1);
    }
    if (part.size() > best.size()) best.swap(part);
  }
  return best;
}

}  // namespace

std::optional<SimulatedClick> correcting_click(const torch::Tensor& marked, const torch::Tensor& truth,
                                               std::mt19937_64& random) {
  auto wrong = marked.logical_xor(truth);
  const auto inner = inner_voxels(marked.logical_not().logical_and(truth))
                         .logical_or(inner_voxels(marked.logical_and(truth.logical_not())));
  if (random() % 4 != 0 && inner.any().item<bool>()) wrong = inner;
  const auto places = torch::nonzero(wrong.flatten()).flatten();
  if (places.size(0) == 0) return std::nullopt;
  const auto at =
      places[static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(places.size(0)))].item<std::int64_t>();
  return SimulatedClick{unravel(at, truth.size(0)), truth.flatten()[at].item<bool>()};
}

std::optional<SimulatedClick> deepest_error_click(const torch::Tensor& marked, const torch::Tensor& truth) {
  const auto missed = largest_part(truth.logical_and(marked.logical_not()));
  const auto extra = largest_part(marked.logical_and(truth.logical_not()));
  const bool positive = missed.size() >= extra.size();
  const auto& part = positive ? missed : extra;
  if (part.empty()) return std::nullopt;
  auto region = torch::zeros(truth.numel(), torch::kBool);
  for (const auto at : part) region[at] = true;
  region = region.view(truth.sizes());
  // Peel layer by layer; what is left last lies deepest.
  for (auto next = inner_voxels(region); next.any().item<bool>(); next = inner_voxels(region)) region = next;
  const auto at = torch::nonzero(region.flatten()).flatten()[0].item<std::int64_t>();
  return SimulatedClick{unravel(at, truth.size(0)), positive};
}

}  // namespace punctum::network
