#include "inference/baselines/baseline_segmenter.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "dicom/types/error.hpp"
#include "inference/baselines/click_network.hpp"
#include "inference/model/firm_logit.hpp"
#include "inference/model/network_weights.hpp"
#include "inference/postprocess/source_mask.hpp"
#include "inference/preprocess/crop.hpp"
#include "inference/preprocess/hu_rule.hpp"

namespace punctum {
namespace {

using namespace network;

// The node's own (segmenter.cpp): a baseline must not lose for want of them.
constexpr double click_margin_voxels = 4;
constexpr double coarse_must_keep = 0.6;
constexpr float insisting_reach = 4, insisting_margin = 0.25F;
constexpr double finer_margin_voxels = 4;

struct PlacedClick {
  PatientPoint place;
  PointKind kind;
};

struct CropAnswer {
  CropGrid crop;
  std::vector<float> logits;
  torch::Tensor attributes;  // or undefined
};

double marked_mm3(const CropAnswer& answer) {
  const auto marked = std::count_if(answer.logits.begin(), answer.logits.end(), [](float v) { return v > 0; });
  return static_cast<double>(marked) * std::pow(answer.crop.spacing_mm, 3);
}

/// Who clicks again insists that something is there.
void hold_a_click(CropAnswer& answer, const std::vector<PlacedClick>& clicks) {
  const auto side = static_cast<std::size_t>(answer.crop.size);
  const auto voxel = [&](double v) {
    return static_cast<std::size_t>(std::clamp(v, 0.0, answer.crop.size - 1.0) + 0.5);
  };
  float highest = -2 * insisting_reach;
  for (const auto& click : clicks) {
    if (click.kind != kind_positive || !answer.crop.holds(click.place, 0)) continue;
    const auto at = answer.crop.to_crop(click.place);
    highest = std::max(highest, answer.logits[(voxel(at.z) * side + voxel(at.y)) * side + voxel(at.x)]);
  }
  if (highest > 0 || highest < -insisting_reach) return;
  for (auto& logit : answer.logits) logit += insisting_margin - highest;
}

std::vector<VoxelIndex> voxels_of(const std::vector<VoxelClick>& clicks, ClickSign sign) {
  std::vector<VoxelIndex> voxels;
  for (const auto& click : clicks) {
    if (click.sign == sign) voxels.push_back(click.voxel);
  }
  return voxels;
}

/// The first positive click leads: the crop starts with a lesion.
std::vector<PlacedClick> place(const SeriesGeometry& geometry, const std::vector<VoxelClick>& clicks) {
  std::vector<PlacedClick> placed;
  for (const auto& click : clicks) {
    placed.push_back(
        {geometry.to_patient(click.voxel), click.sign == ClickSign::positive ? kind_positive : kind_negative});
  }
  const auto first = std::find_if(placed.begin(), placed.end(), [](const auto& c) { return c.kind == kind_positive; });
  if (first == placed.end()) throw Refusal("Nothing to segment: there is no click inside the lesion.");
  std::rotate(placed.begin(), first, first + 1);
  return placed;
}

class BaselineSegmenter final : public Segmenter {
 public:
  BaselineSegmenter(const SegmenterOptions& options, const BaselineManifest& manifest,
                    std::shared_ptr<ClickNetwork> network)
      : identity_{manifest.architecture.baseline + " " + manifest.architecture.name,
                  manifest.version,
                  manifest.weights_digest,
                  manifest.licence,
                  manifest.use,
                  network->architecture().names(),
                  manifest.abstain_below},
        temperatures_(manifest.temperatures),
        network_(std::move(network)),
        threads_(std::max(1, options.threads)) {
    network_->module().eval();
  }

  const ModelIdentity& model() const override { return identity_; }

  Segmentation segment(const Volume& volume, const std::string&, const std::vector<VoxelClick>& clicks,
                       const LesionMask* previous) override {
    at::set_num_threads(threads_);
    at::globalContext().setFlushDenormal(true);
    torch::InferenceMode inference;
    Segmentation result{{volume.geometry, {}}, {}, 0, 0, 0, 0, 0, 0};
    const auto placed = place(volume.geometry, clicks);
    const LesionMask* earlier = previous != nullptr && previous->count() > 0 ? previous : nullptr;
    if (network_->architecture().marks()) {
      mark(volume, clicks, placed, earlier, result);
    } else {
      const auto crop = crop_at(placed, architecture().spacings_mm().front());
      result.crop_spacing_mm = crop.spacing_mm;
      result.mask.voxels.assign(volume.hu.size(), 0);
      result.attributes = attributes_of(answer_on(volume, crop, placed, nullptr).attributes);
    }
    return result;
  }

 private:
  const Architecture& architecture() const { return network_->architecture(); }

  CropGrid crop_at(const std::vector<PlacedClick>& clicks, double spacing_mm) const {
    return CropGrid::around(clicks.front().place, spacing_mm, architecture().crop());
  }

  void mark(const Volume& volume, const std::vector<VoxelClick>& clicks, const std::vector<PlacedClick>& placed,
            const LesionMask* previous, Segmentation& result) {
    auto [answer, finer] = answer_on_best_crop(volume, placed, previous);
    std::optional<CropAnswer> inside;
    if (finer) {
      const auto coarse_mask = mask_on_source(volume.geometry, answer.crop, answer.logits);
      inside = answer_on(volume, finer->crop, placed, &coarse_mask);
    }
    if (clicks.size() > 1) {
      hold_a_click(answer, placed);
      if (inside) hold_a_click(*inside, placed);
    }
    result.mask = mask_on_source(volume.geometry, answer.crop, answer.logits);
    if (inside) put_finer_answer(result.mask, inside->crop, inside->logits, finer_margin_voxels);
    keep_clicked_parts(result.mask, voxels_of(clicks, ClickSign::positive), voxels_of(clicks, ClickSign::negative));
    result.crop_spacing_mm = answer.crop.spacing_mm;
  }

  std::pair<CropAnswer, std::optional<CropAnswer>> answer_on_best_crop(const Volume& volume,
                                                                       const std::vector<PlacedClick>& clicks,
                                                                       const LesionMask* previous) {
    std::optional<CropAnswer> finer, best;
    for (const double spacing : architecture().spacings_mm()) {
      const auto crop = crop_at(clicks, spacing);
      const bool fits = std::all_of(clicks.begin(), clicks.end(), [&](const PlacedClick& click) {
        return click.kind == kind_negative || crop.holds(click.place, click_margin_voxels);
      });
      if (!fits) continue;
      auto answer = answer_on(volume, crop, clicks, previous);
      if (best && marked_mm3(answer) < coarse_must_keep * marked_mm3(*best)) break;
      finer = std::exchange(best, std::move(answer));
      if (!reaches_border(best->logits, crop)) break;
    }
    if (!best) throw Refusal("The clicks lie too far apart to belong to one lesion of a size that can be segmented.");
    return {std::move(*best), std::move(finer)};
  }

  CropAnswer answer_on(const Volume& volume, const CropGrid& crop, const std::vector<PlacedClick>& clicks,
                       const LesionMask* previous) {
    const auto embedding = embed(volume, crop);
    auto prompt = previous != nullptr ? mask_prompt(volume.geometry, *previous, crop) : torch::Tensor();
    PromptPoints points;
    Prediction answer;
    for (std::size_t i = 0; i < clicks.size(); ++i) {
      if (!crop.holds(clicks[i].place, 0)) continue;  // a negative click elsewhere says nothing here
      const auto at = crop.to_crop(clicks[i].place);
      const auto where =
          torch::tensor({static_cast<float>(at.z), static_cast<float>(at.y), static_cast<float>(at.x)}).view({1, 1, 3});
      const auto kind = torch::full({1, 1}, std::int64_t{clicks[i].kind}, torch::kLong);
      points = join(points, network_->refine(embedding, where, kind, prompt));
      // An earlier round's mask already answers the earlier clicks; without one they are answered in turn.
      if (previous != nullptr && i + 1 < clicks.size()) continue;
      answer = network_->decode(embedding, points, prompt);
      prompt = answer.feedback;
    }
    if (!answer.logits.defined() && !answer.attributes.defined()) answer = network_->decode(embedding, points, prompt);
    CropAnswer given{crop, {}, answer.attributes};
    if (answer.logits.defined()) {
      const auto logits = answer.logits.contiguous();
      given.logits.assign(logits.data_ptr<float>(), logits.data_ptr<float>() + logits.numel());
    }
    return given;
  }

  Embedding embed(const Volume& volume, const CropGrid& crop) {
    auto hu = sample_hu(volume, crop);
    const std::int64_t n = crop.size;
    const auto cube = torch::from_blob(hu.data(), {1, n, n, n}, torch::kFloat);
    return network_->encode(network_input(cube).contiguous(), torch::full({1}, crop.spacing_mm, torch::kFloat));
  }

  torch::Tensor mask_prompt(const SeriesGeometry& geometry, const LesionMask& mask, const CropGrid& crop) const {
    auto share = sample_mask(geometry, mask.voxels, crop);
    const std::int64_t n = crop.size;
    const auto cube = torch::from_blob(share.data(), {1, 1, n, n, n}, torch::kFloat);
    return network_->as_prompt((cube * 2 - 1) * firm_logit);
  }

  std::vector<AttributeFinding> attributes_of(const torch::Tensor& logits) const {
    std::vector<AttributeFinding> findings;
    std::int64_t at = 0;
    for (std::size_t g = 0; g < architecture().attribute_groups().size(); ++g) {
      const auto count = architecture().attribute_groups()[g];
      const auto p = torch::softmax(logits[0].narrow(0, at, count) / temperatures_[g], 0).to(torch::kDouble);
      const auto values = p.contiguous();
      findings.push_back({static_cast<Attribute>(g),
                          std::vector<double>(values.data_ptr<double>(), values.data_ptr<double>() + count)});
      at += count;
    }
    return findings;
  }

  ModelIdentity identity_;
  std::vector<double> temperatures_;
  std::shared_ptr<ClickNetwork> network_;
  int threads_;
};

}  // namespace

std::unique_ptr<Segmenter> load_baseline(const SegmenterOptions& options, const BaselineManifest& manifest) {
  const auto weights = options.model_folder / "weights.safetensors";
  if (!std::filesystem::is_regular_file(weights)) {
    throw ModelError("cannot load baseline: " + weights.string() + " is missing");
  }
  if (sha256_of_file(weights) != manifest.weights_digest) {
    throw ModelError("cannot load baseline: " + weights.string() + " is damaged: its digest is not the manifest's");
  }
  auto network = make_click_network({manifest.architecture});
  assign_weights(network->module(), read_safetensors(weights));
  return std::make_unique<BaselineSegmenter>(options, manifest, std::move(network));
}

}  // namespace punctum
