#include "node/tools/evaluate_command.hpp"

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>
#include <vector>

#include "inference/evaluation/metrics.hpp"
#include "inference/evaluation/scores.hpp"
#include "inference/evaluation/simulated_click.hpp"
#include "inference/phantom/phantom.hpp"
#include "inference/segmenter.hpp"

namespace punctum {
namespace {

using nlohmann::ordered_json;

ClickOutcome outcome_of(const PhantomCase& phantom, const LesionMask& truth, const VoxelClick& click,
                        const Segmentation& found) {
  ClickOutcome outcome;
  outcome.dice = dice(truth, found.mask).value_or(0);
  outcome.hd95_mm = hd95_mm(truth, found.mask).value_or(0);
  outcome.true_iou = outcome.dice / (2 - outcome.dice);
  outcome.stated_iou = found.mask_quality;
  const bool inside = found.mask.voxels[phantom.volume.index(click.voxel)] != 0;
  outcome.click_obeyed = inside == (click.sign == ClickSign::positive);
  return outcome;
}

std::optional<std::array<int, attribute_count>> named_by(const std::vector<AttributeFinding>& findings) {
  if (findings.size() != attribute_count) return {};
  std::array<int, attribute_count> named{};
  for (std::size_t a = 0; a < attribute_count; ++a) named[a] = static_cast<int>(findings[a].best());
  return named;
}

/// Clicks on one lesion as a careful reader would, each time where the last result errs most.
LesionTrial try_lesion(Segmenter& segmenter, const PhantomCase& phantom, std::uint64_t seed,
                       const PhantomLesion& lesion, int clicks) {
  LesionTrial trial{seed, lesion.volume_ml, lesion.labels, {}, {}};
  const std::string key = "phantom " + std::to_string(seed);
  std::vector<VoxelClick> made;
  std::optional<Segmentation> found;
  for (int i = 0; i < clicks; ++i) {
    const auto next = found ? correcting_click(lesion.mask, found->mask) : first_click(lesion.mask);
    if (!next) break;
    made.push_back(*next);
    auto result = segmenter.segment(phantom.volume, key, made, found ? &found->mask : nullptr);
    if (i == 0) trial.named = named_by(result.attributes);
    trial.clicks.push_back(outcome_of(phantom, lesion.mask, *next, result));
    found = std::move(result);
  }
  return trial;
}

std::vector<int> reported(int clicks) {
  std::vector<int> counts;
  for (const int n : {1, 3, 5, 10}) {
    if (n <= clicks) counts.push_back(n);
  }
  if (counts.back() != clicks) counts.push_back(clicks);
  return counts;
}

ordered_json as_json(const EvaluateOptions& options, const ModelIdentity& model,
                     const std::vector<LesionTrial>& trials) {
  ordered_json clicks = ordered_json::array(), attributes = ordered_json::array(), lesions = ordered_json::array();
  for (const int n : reported(options.clicks)) {
    const auto s = score_after(trials, n);
    clicks.push_back({{"clicks", n},
                      {"mean_dsc", s.mean_dice},
                      {"median_dsc", s.median_dice},
                      {"median_hd95_mm", s.median_hd95_mm},
                      {"empty", s.empty},
                      {"iou_error", s.iou_error},
                      {"clicks_obeyed", s.obeyed}});
  }
  for (const auto& s : score_attributes(trials)) {
    attributes.push_back({{"attribute", attribute_vocabulary()[static_cast<std::size_t>(s.attribute)].name},
                          {"accuracy", s.accuracy},
                          {"balanced_accuracy", s.balanced_accuracy},
                          {"majority", s.majority}});
  }
  for (const auto& trial : trials) {
    ordered_json dsc = ordered_json::array();
    for (const auto& outcome : trial.clicks) dsc.push_back(outcome.dice);
    lesions.push_back({{"seed", trial.seed}, {"ml", trial.volume_ml}, {"labels", trial.labels}, {"dsc", dsc}});
  }
  return {{"model", model.name},           {"digest", model.digest.hex},
          {"data", "synthetic phantoms"},  {"seeds", {options.first_seed, options.last_seed}},
          {"lesion_count", trials.size()}, {"clicks", clicks},
          {"attributes", attributes},      {"lesions", lesions}};
}

/// Mean DSC after the first click for the lesions of one shape.
void print_shapes(const std::vector<LesionTrial>& trials) {
  const auto& shapes = attribute_vocabulary()[static_cast<std::size_t>(Attribute::shape)].labels;
  std::cout << "\nDSC after one click, by shape\n";
  for (std::size_t shape = 0; shape < shapes.size(); ++shape) {
    std::vector<LesionTrial> these;
    std::copy_if(trials.begin(), trials.end(), std::back_inserter(these),
                 [shape](const auto& t) { return t.labels[0] == static_cast<int>(shape); });
    if (these.empty()) continue;
    std::cout << "  " << std::left << std::setw(22) << shapes[shape] << std::right << std::setw(6)
              << score_after(these, 1).mean_dice << "  (" << these.size() << " lesions)\n";
  }
}

void print(const EvaluateOptions& options, const ModelIdentity& model, const std::vector<LesionTrial>& trials) {
  std::cout << std::fixed << std::setprecision(3) << "Model " << model.name << " " << model.version << ", "
            << trials.size() << " lesions in synthetic phantoms of seeds " << options.first_seed << " to "
            << options.last_seed
            << "\n\nclicks  mean DSC  median DSC  median HD95 mm  empty  IoU error  clicks obeyed\n";
  for (const int n : reported(options.clicks)) {
    const auto s = score_after(trials, n);
    std::cout << std::setw(6) << n << std::setw(10) << s.mean_dice << std::setw(12) << s.median_dice << std::setw(16)
              << s.median_hd95_mm << std::setw(7) << s.empty << std::setw(11) << s.iou_error << std::setw(15)
              << s.obeyed << '\n';
  }
  print_shapes(trials);
  const auto attributes = score_attributes(trials);
  if (attributes.empty()) {
    std::cout << "\nThe model names no attributes: its heads are untrained.\n";
    return;
  }
  std::cout << "\nattribute       accuracy  balanced  always the commonest label\n";
  for (const auto& s : attributes) {
    std::cout << std::left << std::setw(16) << attribute_vocabulary()[static_cast<std::size_t>(s.attribute)].name
              << std::right << std::setw(8) << s.accuracy << std::setw(10) << s.balanced_accuracy << std::setw(12)
              << s.majority << '\n';
  }
}

}  // namespace

int run_evaluate(const EvaluateOptions& options) {
  const auto segmenter = Segmenter::load({options.model, options.device, options.threads});
  std::vector<LesionTrial> trials;
  for (std::uint64_t seed = options.first_seed; seed <= options.last_seed; ++seed) {
    const PhantomCase phantom = phantom_case(seed);
    for (const auto& lesion : phantom.lesions) {
      trials.push_back(try_lesion(*segmenter, phantom, seed, lesion, options.clicks));
    }
  }
  if (options.json) {
    std::cout << as_json(options, segmenter->model(), trials).dump(2) << '\n';
  } else {
    print(options, segmenter->model(), trials);
  }
  return 0;
}

}  // namespace punctum
