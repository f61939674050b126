#include "inference/training/batch.hpp"

#include <algorithm>

namespace punctum::network {
namespace {

constexpr std::int64_t click_reach = 5;    // voxels between the crop's centre and the first click
constexpr std::int64_t centre_jitter = 4;  // voxels between the first click and the cube's centre
constexpr double hu_shift = 12;

torch::Tensor cube_of(const std::vector<std::int16_t>& hu, int size) {
  return torch::from_blob(const_cast<std::int16_t*>(hu.data()), {size, size, size}, torch::kShort);
}

torch::Tensor cube_of(const std::vector<std::uint8_t>& truth, int size) {
  return torch::from_blob(const_cast<std::uint8_t*>(truth.data()), {size, size, size}, torch::kByte);
}

torch::Tensor labels_of(const TrainingCrop& crop) {
  auto labels = torch::empty({static_cast<std::int64_t>(attribute_count)}, torch::kLong);
  for (std::size_t i = 0; i < attribute_count; ++i) labels[static_cast<std::int64_t>(i)] = std::int64_t{crop.labels[i]};
  return labels;
}

torch::Tensor as_tensor(const std::array<std::int64_t, 3>& place) {
  return torch::tensor({place[0], place[1], place[2]}, torch::kLong).to(torch::kFloat);
}

}  // namespace

std::int64_t BatchBuilder::below(std::int64_t bound) {
  return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(bound));
}

std::array<std::int64_t, 3> BatchBuilder::first_click(const torch::Tensor& truth) {
  const auto middle = truth.size(0) / 2, low = middle - click_reach, span = 2 * click_reach + 1;
  const auto near = truth.narrow(0, low, span).narrow(1, low, span).narrow(2, low, span);
  const auto inside = torch::nonzero(near);
  if (inside.size(0) == 0) return {middle, middle, middle};
  // Half of the readers click well inside, half anywhere.
  auto chosen = inside[below(inside.size(0))];
  if (below(2) == 0) {
    const auto other = inside[below(inside.size(0))];
    const auto off = [&](const torch::Tensor& v) { return (v - click_reach).abs().sum().item<std::int64_t>(); };
    if (off(other) < off(chosen)) chosen = other;
  }
  return {low + chosen[0].item<std::int64_t>(), low + chosen[1].item<std::int64_t>(),
          low + chosen[2].item<std::int64_t>()};
}

void BatchBuilder::add(const TrainingCrop& crop) {
  auto hu = cube_of(crop.hu, crop.size), truth = cube_of(crop.truth, crop.size);
  auto click = first_click(truth);
  for (std::int64_t axis = 0; axis < 3; ++axis) {
    auto& at = click[static_cast<std::size_t>(axis)];
    const auto wanted = at - cube_ / 2 + below(2 * centre_jitter + 1) - centre_jitter;
    const auto start = std::clamp<std::int64_t>(wanted, 0, crop.size - cube_);
    hu = hu.narrow(axis, start, cube_);
    truth = truth.narrow(axis, start, cube_);
    at = std::clamp<std::int64_t>(at - start, 0, cube_ - 1);
  }
  for (std::int64_t axis = 0; axis < 3; ++axis) {
    if (below(2) == 0) continue;
    hu = hu.flip(axis);
    truth = truth.flip(axis);
    auto& at = click[static_cast<std::size_t>(axis)];
    at = cube_ - 1 - at;
  }
  if (below(2) == 0) {
    hu = hu.transpose(1, 2);
    truth = truth.transpose(1, 2);
    std::swap(click[1], click[2]);
  }
  const double shift = (static_cast<double>(below(2001)) / 1000 - 1) * hu_shift;
  hu_.push_back(hu.to(torch::kFloat).contiguous() + shift);
  truth_.push_back(truth.to(torch::kFloat).contiguous().unsqueeze(0));
  labels_.push_back(labels_of(crop));
  spacing_.push_back(torch::tensor(static_cast<float>(crop.spacing_mm)));
  click_.push_back(as_tensor(click));
}

Batch BatchBuilder::build() {
  return {torch::stack(hu_), torch::stack(truth_), torch::stack(labels_), torch::stack(spacing_), torch::stack(click_)};
}

Batch centred_batch(const TrainingCrop& crop, int cube) {
  auto hu = cube_of(crop.hu, crop.size), truth = cube_of(crop.truth, crop.size);
  const auto start = (crop.size - cube) / 2;
  for (std::int64_t axis = 0; axis < 3; ++axis)
    hu = hu.narrow(axis, start, cube), truth = truth.narrow(axis, start, cube);
  const std::int64_t middle = crop.size / 2 - start;
  return {hu.to(torch::kFloat).contiguous().unsqueeze(0),
          truth.to(torch::kFloat).contiguous().unsqueeze(0).unsqueeze(0), labels_of(crop).unsqueeze(0),
          torch::tensor({static_cast<float>(crop.spacing_mm)}), as_tensor({middle, middle, middle}).unsqueeze(0)};
}

}  // namespace punctum::network
