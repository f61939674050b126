#include "inference/evaluation/run_trial.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "dicom/types/error.hpp"
#include "inference/evaluation/crop_truth.hpp"
#include "inference/evaluation/metrics.hpp"
#include "inference/evaluation/named_random.hpp"
#include "inference/measure/lesion_form.hpp"

namespace punctum {
namespace {

constexpr int punctate_label = 3;

bool is_punctate(const EvaluationCase& lesion) {
  const int shape = lesion.labels[static_cast<std::size_t>(Attribute::shape)];
  if (shape >= 0) return shape == punctate_label;
  const auto pair = cut_pair(lesion.truth, lesion.truth);
  return pair.grid.columns * pair.grid.dx_mm <= longest_punctate_mm &&
         pair.grid.rows * pair.grid.dy_mm <= longest_punctate_mm &&
         pair.grid.slices * pair.grid.dz_mm <= longest_punctate_mm;
}

Answers answers_of(const std::vector<AttributeFinding>& findings) {
  Answers answers;
  if (findings.size() != attribute_count) return answers;
  for (const auto& finding : findings) answers.push_back(finding.probabilities);
  return answers;
}

ClickOutcome outcome_of(const EvaluationCase& lesion, const VoxelClick& click, const Segmentation& found,
                        const MaskPair& pair) {
  const auto scores = score(pair);
  ClickOutcome outcome;
  outcome.click = click;
  outcome.dice = scores.dice.value_or(0);
  outcome.crop_dice = crop_dice(found.probabilities, lesion.truth);
  outcome.hd95_mm = scores.hd95_mm.value_or(0);
  outcome.nsd = scores.nsd.value_or(0);
  outcome.stated_iou = found.mask_quality;
  const bool inside = found.mask.voxels[lesion.volume->index(click.voxel)] != 0;
  outcome.obeyed = inside == (click.sign == ClickSign::positive);
  outcome.crop_spacing_mm = found.crop_spacing_mm;
  outcome.encode_ms = found.encode_ms;
  outcome.total_ms = found.preprocess_ms + found.encode_ms + found.decode_ms + found.postprocess_ms;
  outcome.answers = answers_of(found.attributes);
  outcome.voxels = voxel_reliability(found.probabilities, lesion.truth);
  return outcome;
}

/// One more click by one of the two ways. @return nothing if the network refuses it.
std::optional<Segmentation> segment(Segmenter& segmenter, const EvaluationCase& lesion, ClickDelivery delivery,
                                    const std::vector<VoxelClick>& clicks, const std::optional<LesionMask>& last) {
  const bool with_last = delivery == ClickDelivery::rounds && last && last->count() > 0;
  try {
    return segmenter.segment(*lesion.volume, lesion.volume_key, clicks, with_last ? &*last : nullptr);
  } catch (const Refusal&) {
    return {};
  }
}

ClickOutcome refused_after(const CaseTrial& trial, const VoxelClick& click) {
  ClickOutcome outcome = trial.outcomes.empty() ? ClickOutcome{} : trial.outcomes.back();
  outcome.click = click;
  outcome.refused = true;
  outcome.obeyed = false;
  return outcome;
}

void make_clicks(Segmenter& segmenter, const EvaluationCase& lesion, const Protocol& protocol, int clicks,
                 std::mt19937_64 random, CaseTrial& trial) {
  std::vector<VoxelClick> made;
  std::optional<LesionMask> last;
  auto next = first_click(lesion.truth, protocol.policy, is_punctate(lesion), random);
  while (next && static_cast<int>(made.size()) < clicks) {
    made.push_back(*next);
    auto found = segment(segmenter, lesion, protocol.delivery, made, last);
    if (!found) {
      trial.outcomes.push_back(refused_after(trial, *next));
      return;
    }
    const auto pair = cut_pair(lesion.truth, found->mask);
    trial.outcomes.push_back(outcome_of(lesion, *next, *found, pair));
    last = std::move(found->mask);
    next = next_click(pair, protocol.policy, random);
  }
}

}  // namespace

CaseTrial run_trial(Segmenter& segmenter, const EvaluationCase& lesion, const Protocol& protocol, int clicks,
                    std::uint64_t seed) {
  CaseTrial trial;
  trial.id = lesion.id;
  trial.patient = lesion.patient;
  trial.type = lesion.type;
  trial.group = lesion.group;
  trial.protocol = protocol.name;
  trial.volume_ml = static_cast<double>(lesion.truth.count()) * lesion.truth.geometry.voxel_volume_mm3() / 1000;
  trial.labels = lesion.labels;
  // By policy, not by protocol: both ways of delivery begin with the same click.
  make_clicks(segmenter, lesion, protocol, clicks,
              random_named(lesion.id, seed, static_cast<std::uint64_t>(protocol.policy)), trial);
  if (&protocol == &protocols().front() && !trial.outcomes.empty()) {
    const auto found =
        segmenter.segment(*lesion.volume, lesion.volume_key, {trial.outcomes.front().click}, &lesion.truth);
    trial.answers_given_truth = answers_of(found.attributes);
  }
  return trial;
}

LesionMask replay(Segmenter& segmenter, const EvaluationCase& lesion, const CaseTrial& trial, std::size_t clicks) {
  const auto* protocol = protocol_named(trial.protocol);
  std::vector<VoxelClick> made;
  std::optional<LesionMask> last;
  for (std::size_t i = 0; i < std::min(clicks, trial.outcomes.size()); ++i) {
    made.push_back(trial.outcomes[i].click);
    auto found =
        segment(segmenter, lesion, protocol != nullptr ? protocol->delivery : ClickDelivery::rounds, made, last);
    if (found) last = std::move(found->mask);
  }
  return last ? *last : LesionMask{lesion.truth.geometry, std::vector<std::uint8_t>(lesion.truth.voxels.size())};
}

}  // namespace punctum
