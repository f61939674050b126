#include "inference/lesion_question.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "dicom/types/error.hpp"
#include "inference/lap_watch.hpp"
#include "inference/model/firm_logit.hpp"
#include "inference/postprocess/source_mask.hpp"

namespace punctum {
namespace {

using network::AnsweringNetwork;
using network::Prediction;
using network::PromptPoints;

constexpr double click_margin_voxels = 4;   // a click nearer to the crop's face asks for the coarser crop
constexpr double coarse_must_keep = 0.6;    // of the fine mask's volume, or the fine one stands
constexpr double insisting_margin = 0.25;   // logits by which a repeated click lies within the mask
constexpr double insisting_mm = 8;          // how far around it they are lifted, as a standard deviation
constexpr double finer_margin_voxels = 4;   // nearer to its faces the finer crop sees too little around
constexpr double detail_margin_voxels = 6;  // what lies farther from the faces of the closest crop is looked at there

void check_clicks(const SeriesGeometry& geometry, const std::vector<VoxelClick>& clicks) {
  bool any = false;
  for (const auto& click : clicks) {
    any |= click.sign == ClickSign::positive;
    if (geometry.contains(click.voxel)) continue;
    throw GeometryError("cannot segment: the click at voxel (" + std::to_string(click.voxel.x) + ", " +
                        std::to_string(click.voxel.y) + ", " + std::to_string(click.voxel.z) +
                        ") lies outside the series");
  }
  if (!any) throw Refusal("Nothing to segment: there is no click inside the lesion, only clicks outside it.");
}

std::vector<VoxelIndex> voxels_of(const std::vector<VoxelClick>& clicks, ClickSign sign) {
  std::vector<VoxelIndex> voxels;
  for (const auto& click : clicks) {
    if (click.sign == sign) voxels.push_back(click.voxel);
  }
  return voxels;
}

double marked_mm3(const CropAnswer& answer) {
  const auto marked = std::count_if(answer.logits.begin(), answer.logits.end(), [](float v) { return v > 0; });
  return static_cast<double>(marked) * std::pow(answer.crop.spacing_mm, 3);
}

torch::Tensor mask_prompt(const AnsweringNetwork& network, const SeriesGeometry& geometry, const LesionMask& mask,
                          const CropGrid& crop, torch::Device device) {
  auto share = sample_mask(geometry, mask.voxels, crop);
  const std::int64_t n = crop.size;
  const auto cube = torch::from_blob(share.data(), {1, 1, n, n, n}, torch::kFloat).to(device);
  return network.as_prompt((cube * 2 - 1) * network::firm_logit);
}

/// What linear interpolation along one axis makes of a bell at its own middle.
double interpolated_peak(double middle, double scale) {
  const double behind = middle - std::floor(middle), ahead = 1 - behind;
  return ahead * std::exp(scale * behind * behind) + behind * std::exp(scale * ahead * ahead);
}

/// Adds a bell around a place, so high that the logit interpolated there grows by `height`.
void lift(std::vector<float>& logits, const CropGrid& crop, const CropGrid::Place& at, double height, double width_mm) {
  const double width = std::max(1.0, width_mm / crop.spacing_mm), scale = -1 / (2 * width * width);
  height /= interpolated_peak(at.x, scale) * interpolated_peak(at.y, scale) * interpolated_peak(at.z, scale);
  std::size_t i = 0;
  for (int z = 0; z < crop.size; ++z) {
    for (int y = 0; y < crop.size; ++y) {
      for (int x = 0; x < crop.size; ++x, ++i) {
        const double dz = z - at.z, dy = y - at.y, dx = x - at.x;
        logits[i] += static_cast<float>(height * std::exp(scale * (dz * dz + dy * dy + dx * dx)));
      }
    }
  }
}

double distance_mm(const PatientPoint& a, const PatientPoint& b) {
  const auto between = a - b;
  return std::sqrt(dot(between, between));
}

}  // namespace

LesionQuestion::LesionQuestion(const SeriesGeometry& geometry, const std::vector<VoxelClick>& clicks,
                               const LesionMask* previous, double mask_level)
    : geometry_(geometry),
      clicks_(clicks),
      previous_(previous != nullptr && previous->count() > 0 ? previous : nullptr),
      mask_level_(static_cast<float>(mask_level)) {
  check_clicks(geometry, clicks);
  const auto voxels = static_cast<std::size_t>(geometry.columns()) * static_cast<std::size_t>(geometry.rows()) *
                      static_cast<std::size_t>(geometry.slice_count());
  if (previous_ != nullptr && previous_->voxels.size() != voxels) {
    throw GeometryError("cannot use the previous mask: it has another grid than the series");
  }
  for (const auto& click : clicks) {
    placed_.push_back({geometry.to_patient(click.voxel), click.sign == ClickSign::positive});
  }
  // Negative clicks made before the first positive one are moved behind it: the crop starts with a lesion.
  const auto first = std::find_if(placed_.begin(), placed_.end(), [](const PlacedClick& c) { return c.positive; });
  std::rotate(placed_.begin(), first, first + 1);
}

CropGrid LesionQuestion::crop_at(double spacing_mm, int size) const {
  return CropGrid::around(placed_.front().place, spacing_mm, size);
}

LesionAnswer LesionQuestion::ask(AnsweringNetwork& network, const Encode& encode) {
  std::optional<CropAnswer> finer, best;
  std::optional<LesionMask> seen;
  for (const double spacing_mm : network.spacings_mm()) {
    const auto crop = crop_at(spacing_mm, network.crop());
    if (!holds_positive_clicks(crop)) continue;
    // In the first round, what the fine crop shows of a lesion tells the coarse one what to go on with.
    if (best && previous_ == nullptr) seen = mask_on_source(geometry_, best->crop, best->logits);
    auto answer = ask_on(network, encode, crop, seen ? &*seen : previous_);
    if (best && marked_mm3(answer) < coarse_must_keep * marked_mm3(*best)) break;
    const bool goes_on = reaches_border(answer.logits, crop);
    finer = std::exchange(best, std::move(answer));
    if (!goes_on) break;
  }
  if (!best) throw Refusal("The clicks lie too far apart to belong to one lesion of a size that can be segmented.");
  if (!finer) return look_closer(network, encode, std::move(*best));
  const auto coarse_mask = mask_on_source(geometry_, best->crop, best->logits);
  auto inside = ask_on(network, encode, finer->crop, &coarse_mask);
  return {std::move(*best), std::move(inside)};
}

bool LesionQuestion::holds_positive_clicks(const CropGrid& crop) const {
  return std::all_of(placed_.begin(), placed_.end(), [&](const PlacedClick& click) {
    return !click.positive || crop.holds(click.place, click_margin_voxels);
  });
}

std::vector<PatientPoint> LesionQuestion::positive_places() const {
  std::vector<PatientPoint> places;
  for (const auto& click : placed_) {
    if (click.positive) places.push_back(click.place);
  }
  return places;
}

std::optional<CropGrid> LesionQuestion::closest_crop(const AnsweringNetwork& network, const CropAnswer& seen) const {
  if (network.detail_mm() == 0 || seen.logits.empty()) return {};
  for (const double spacing_mm : {network.detail_mm(), std::sqrt(network.detail_mm() * seen.crop.spacing_mm)}) {
    const auto crop = crop_at(spacing_mm, network.crop());
    if (!holds_positive_clicks(crop)) continue;
    if (lies_within(seen.logits, seen.crop, positive_places(), crop, detail_margin_voxels)) return crop;
  }
  return {};
}

LesionAnswer LesionQuestion::look_closer(AnsweringNetwork& network, const Encode& encode, CropAnswer seen) {
  const auto crop = closest_crop(network, seen);
  if (!crop) return {std::move(seen)};
  auto inside = ask_on(network, encode, *crop, previous_);
  const auto wider = resampled(seen.logits, seen.crop, *crop);
  std::transform(wider.begin(), wider.end(), inside.logits.begin(), inside.logits.begin(),
                 [](float a, float b) { return (a + b) / 2; });
  auto& named = seen.prediction.attributes;
  if (named.defined()) named = (named + inside.prediction.attributes) / 2;
  return {std::move(seen), std::move(inside)};
}

CropAnswer LesionQuestion::ask_on(AnsweringNetwork& network, const Encode& encode, const CropGrid& crop) {
  return ask_on(network, encode, crop, previous_);
}

CropAnswer LesionQuestion::ask_on(AnsweringNetwork& network, const Encode& encode, const CropGrid& crop,
                                  const LesionMask* previous) {
  const auto embedding = encode(crop);
  const auto device = embedding.image.device();
  LapWatch watch;
  auto prompt = previous != nullptr ? mask_prompt(network, geometry_, *previous, crop, device) : torch::Tensor();
  PromptPoints points;
  Prediction prediction;
  for (std::size_t i = 0; i < placed_.size(); ++i) {
    const auto at = crop.to_crop(placed_[i].place);
    if (!crop.holds(placed_[i].place, 0)) continue;  // a negative click elsewhere says nothing here
    const auto place =
        torch::tensor({static_cast<float>(at.z), static_cast<float>(at.y), static_cast<float>(at.x)}).view({1, 1, 3});
    const auto kind = torch::full(
        {1, 1}, std::int64_t{placed_[i].positive ? network::kind_positive : network::kind_negative}, torch::kLong);
    points = network::join(points, network.refine(embedding, place.to(device), kind.to(device), prompt));
    // An earlier round's mask already answers the earlier clicks; without one they are answered in turn.
    if (previous != nullptr && i + 1 < placed_.size()) continue;
    prediction = network.decode(embedding, points, prompt);
    prompt = prediction.feedback;
  }
  const bool answered = prediction.logits.defined() || prediction.attributes.defined();
  if (!answered) prediction = network.decode(embedding, points, prompt);
  CropAnswer answer{crop, {}, prediction};
  if (prediction.logits.defined()) {
    const auto logits = prediction.logits.to(torch::kCPU).contiguous();
    answer.logits.assign(logits.data_ptr<float>(), logits.data_ptr<float>() + logits.numel());
    for (auto& logit : answer.logits) logit -= mask_level_;
  }
  decode_ms_ += watch.lap_ms();
  return answer;
}

/// Who clicks again insists that something is there: around a positive click that lies outside of the mask the logits
/// are lifted until it lies within. A single click may find nothing.
void LesionQuestion::hold_clicks(CropAnswer& answer) const {
  if (placed_.size() < 2) return;
  for (const auto& click : placed_) {
    if (!click.positive || !answer.crop.holds(click.place, 0)) continue;
    const float logit = logit_at(answer.logits, answer.crop, click.place);
    if (logit > 0) continue;
    lift(answer.logits, answer.crop, answer.crop.to_crop(click.place), insisting_margin - logit, reach_mm(click));
  }
}

/// Halfway to the nearest negative click at most.
double LesionQuestion::reach_mm(const PlacedClick& click) const {
  double reach = insisting_mm;
  for (const auto& other : placed_) {
    if (!other.positive) reach = std::min(reach, distance_mm(click.place, other.place) / 2);
  }
  return reach;
}

LesionMask LesionQuestion::mask_of(LesionAnswer answer) const {
  hold_clicks(answer.whole);
  if (answer.inside) hold_clicks(*answer.inside);
  auto mask = mask_on_source(geometry_, answer.whole.crop, answer.whole.logits);
  if (answer.inside) put_finer_answer(mask, answer.inside->crop, answer.inside->logits, finer_margin_voxels);
  keep_clicked_parts(mask, voxels_of(clicks_, ClickSign::positive), voxels_of(clicks_, ClickSign::negative));
  return mask;
}

VoxelProbabilities probabilities_of(const LesionAnswer& answer) {
  const auto& finest = answer.inside ? *answer.inside : answer.whole;
  VoxelProbabilities stated{finest.crop, std::vector<float>(finest.logits.size())};
  std::transform(finest.logits.begin(), finest.logits.end(), stated.values.begin(),
                 [](float logit) { return 1 / (1 + std::exp(-logit)); });
  return stated;
}

std::vector<AttributeFinding> findings_of(const torch::Tensor& logits, const std::vector<int>& groups,
                                          const std::vector<double>& temperatures) {
  std::vector<AttributeFinding> findings;
  std::int64_t at = 0;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto scaled = logits[0].narrow(0, at, groups[g]) / temperatures[g];
    const auto p = torch::softmax(scaled, 0).to(torch::kCPU, torch::kDouble).contiguous();
    findings.push_back(
        {static_cast<Attribute>(g), std::vector<double>(p.data_ptr<double>(), p.data_ptr<double>() + groups[g])});
    at += groups[g];
  }
  return findings;
}

}  // namespace punctum
