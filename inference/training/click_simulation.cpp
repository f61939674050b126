#include "inference/training/click_simulation.hpp"

#include <cmath>
#include <vector>

#include "inference/model/growth.hpp"
#include "inference/training/chance.hpp"

namespace punctum::network {
namespace {

torch::Tensor offsets(std::int64_t centre, std::int64_t side) {
  return torch::arange(side, torch::kFloat) - static_cast<double>(centre);
}

torch::Tensor ball(const std::array<std::int64_t, 3>& centre, double radius_voxels, std::int64_t side) {
  const auto z = offsets(centre[0], side).square().view({-1, 1, 1});
  const auto y = offsets(centre[1], side).square().view({1, -1, 1});
  const auto x = offsets(centre[2], side).square().view({1, 1, -1});
  return z + y + x <= radius_voxels * radius_voxels;
}

/// What lies before the plane through a place with that normal.
torch::Tensor half_space(const std::array<std::int64_t, 3>& place, double nz, double ny, double nx, std::int64_t side) {
  return offsets(place[0], side).view({-1, 1, 1}) * nz + offsets(place[1], side).view({1, -1, 1}) * ny +
             offsets(place[2], side).view({1, 1, -1}) * nx <=
         0;
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
  const auto missed = marked.logical_not().logical_and(truth), extra = marked.logical_and(truth.logical_not());
  auto wrong = missed.logical_or(extra);
  if (random() % 8 != 0) {
    const bool deepest = random() % 2 == 0;
    auto deep_missed = shrunk(missed), deep_extra = shrunk(extra);
    for (auto inner = deep_missed.logical_or(deep_extra); inner.any().item<bool>();
         inner = deep_missed.logical_or(deep_extra)) {
      wrong = inner;
      if (!deepest) break;
      deep_missed = shrunk(deep_missed), deep_extra = shrunk(deep_extra);
    }
  }
  const auto places = torch::nonzero(wrong.flatten()).flatten();
  if (places.size(0) == 0) return std::nullopt;
  const auto at =
      places[static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(places.size(0)))].item<std::int64_t>();
  return SimulatedClick{unravel(at, truth.size(0)), truth.flatten()[at].item<bool>()};
}

torch::Tensor flawed_mask(const torch::Tensor& truth, std::mt19937_64& random) {
  const auto side = truth.size(0);
  const auto places = torch::nonzero(truth);
  const auto any_place = [&] {
    const auto row = places[static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(places.size(0)))];
    return std::array{row[0].item<std::int64_t>(), row[1].item<std::int64_t>(), row[2].item<std::int64_t>()};
  };
  const double size = std::cbrt(static_cast<double>(places.size(0)));  // voxels
  auto mask = truth;
  switch (random() % 5) {
    case 0: {  // a part is missing
      mask = mask.logical_and(
          half_space(any_place(), chance(random) - 0.5, chance(random) - 0.5, chance(random) - 0.5, side));
      break;
    }
    case 1: {  // it leaks, at times far
      const double far = random() % 3 == 0 ? 1.3 : 0.5;
      mask = mask.logical_or(ball(any_place(), (0.4 + far * chance(random)) * size + 1, side));
      break;
    }
    case 2:  // too large
      for (int i = 0; i < 1 + static_cast<int>(random() % 3); ++i) mask = grown(mask);
      break;
    case 3:  // next to nothing: what a click into a lesion that looks like its surroundings gets
      mask = mask.logical_and(ball(any_place(), 1 + 1.5 * chance(random), side));
      break;
    default: {  // too small
      for (int i = 0; i < 1 + static_cast<int>(random() % 3); ++i) {
        const auto less = shrunk(mask);
        if (!less.any().item<bool>()) break;
        mask = less;
      }
    }
  }
  if (random() % 3 == 0) mask = mask.logical_and(ball(any_place(), 0.5 * size + 1, side).logical_not());  // and a hole
  return mask;
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
  for (auto next = shrunk(region); next.any().item<bool>(); next = shrunk(region)) region = next;
  const auto at = torch::nonzero(region.flatten()).flatten()[0].item<std::int64_t>();
  return SimulatedClick{unravel(at, truth.size(0)), positive};
}

}  // namespace punctum::network
