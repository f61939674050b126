#include "inference/evaluation/click_scores.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <set>

namespace punctum {
namespace {

template <typename Value>
Estimate mean_over(const TrialRefs& trials, const Value& value) {
  std::vector<Observation> observations;
  for (const auto* trial : trials) observations.push_back({trial->patient, value(*trial)});
  return estimate_mean(observations);
}

/// The one click in which it got there, or the cap.
double clicks_until(const CaseTrial& trial, double dice, int cap) {
  for (std::size_t i = 0; i < trial.outcomes.size(); ++i) {
    if (trial.outcomes[i].dice >= dice) return static_cast<double>(i + 1);
  }
  return cap;
}

bool reaches(const CaseTrial& trial, double dice) {
  return std::any_of(trial.outcomes.begin(), trial.outcomes.end(), [=](const auto& o) { return o.dice >= dice; });
}

ReachScore score_reach(const TrialRefs& trials, double dice, int cap) {
  const auto failures = std::count_if(trials.begin(), trials.end(), [=](const auto* t) { return !reaches(*t, dice); });
  return {dice, mean_over(trials, [=](const CaseTrial& t) { return clicks_until(t, dice, cap); }),
          static_cast<std::size_t>(failures), cap};
}

double area(const CaseTrial& trial, int last) {
  double sum = 0;
  for (int click = 1; click < last; ++click) sum += 0.5 * (trial.after(click).dice + trial.after(click + 1).dice);
  return sum / (last - 1);
}

Estimate share_lowered(const TrialRefs& trials) {
  std::vector<Observation> clicks;
  for (const auto* trial : trials) {
    for (std::size_t i = 1; i < trial->outcomes.size(); ++i) {
      const bool lower = trial->outcomes[i].dice < trial->outcomes[i - 1].dice - lowered_by;
      clicks.push_back({trial->patient, lower ? 1.0 : 0.0});
    }
  }
  return estimate_mean(clicks);
}

Estimate share_obeyed(const TrialRefs& trials) {
  std::vector<Observation> clicks;
  for (const auto* trial : trials) {
    for (const auto& outcome : trial->outcomes) clicks.push_back({trial->patient, outcome.obeyed ? 1.0 : 0.0});
  }
  return estimate_mean(clicks);
}

void add_times(ProtocolScore& score, const TrialRefs& trials) {
  std::vector<double> first, further;
  for (const auto* trial : trials) {
    for (std::size_t i = 0; i < trial->outcomes.size(); ++i) {
      const auto& outcome = trial->outcomes[i];
      if (outcome.refused) continue;
      // A known crop (another protocol was there first) or one that is encoded anew tells nothing of either.
      if (i == 0 && outcome.encode_ms > 0) first.push_back(outcome.total_ms);
      if (i > 0 && outcome.encode_ms <= 0) further.push_back(outcome.total_ms);
    }
  }
  score.first_click_ms = median(std::move(first));
  score.further_click_ms = median(std::move(further));
}

struct SizeClass {
  double below_ml;
  const char* name;
};
constexpr std::array<SizeClass, 4> size_classes{{{0.5, "below 0.5 ml"},
                                                 {5, "0.5 to 5 ml"},
                                                 {50, "5 to 50 ml"},
                                                 {std::numeric_limits<double>::infinity(), "50 ml and more"}}};

std::string size_of(const CaseTrial& trial) {
  for (const auto& size : size_classes) {
    if (trial.volume_ml < size.below_ml) return size.name;
  }
  return size_classes.back().name;
}

/// In the order of `values`, or of the alphabet.
template <typename Name>
void add_parts(std::vector<Part>& parts, const TrialRefs& trials, const std::string& by, const Name& name,
               std::vector<std::string> values = {}) {
  std::map<std::string, TrialRefs> by_value;
  for (const auto* trial : trials) by_value[name(*trial)].push_back(trial);
  if (values.empty()) {
    for (const auto& [value, these] : by_value) values.push_back(value);
  }
  for (const auto& value : values) {
    if (!value.empty() && by_value.contains(value)) parts.push_back({by, value, by_value.at(value)});
  }
}

}  // namespace

std::vector<int> reported_clicks(int clicks) {
  std::vector<int> counts;
  for (const int n : {1, 3, 5, 10}) {
    if (n <= clicks) counts.push_back(n);
  }
  if (counts.empty() || counts.back() != clicks) counts.push_back(clicks);
  return counts;
}

ClickScore score_after(const TrialRefs& trials, int clicks) {
  ClickScore score;
  score.clicks = clicks;
  std::vector<double> dices, finite, stated, true_iou;
  std::vector<Observation> errors, on_crop;
  for (const auto* trial : trials) {
    const auto& outcome = trial->after(clicks);
    dices.push_back(outcome.dice);
    score.voxels += outcome.voxels;
    if (outcome.crop_dice) on_crop.push_back({trial->patient, *outcome.crop_dice});
    if (std::isfinite(outcome.hd95_mm)) {
      finite.push_back(outcome.hd95_mm);
    } else {
      ++score.empty;
    }
    if (outcome.stated_iou <= 0) continue;
    stated.push_back(outcome.stated_iou);
    true_iou.push_back(outcome.iou());
    errors.push_back({trial->patient, std::abs(outcome.stated_iou - outcome.iou())});
  }
  score.dice = mean_over(trials, [=](const CaseTrial& t) { return t.after(clicks).dice; });
  score.crop_dice = estimate_mean(on_crop);
  score.nsd = mean_over(trials, [=](const CaseTrial& t) { return t.after(clicks).nsd; });
  score.hd95_penalised_mm = mean_over(trials, [=](const CaseTrial& t) {
    const double distance = t.after(clicks).hd95_mm;
    return std::isfinite(distance) ? distance : empty_penalty_mm;
  });
  score.median_dice = median(std::move(dices));
  score.median_hd95_mm = median(std::move(finite));
  score.iou_error = estimate_mean(errors);
  if (!errors.empty()) score.iou_rank = spearman(stated, true_iou);
  return score;
}

ProtocolScore score_protocol(const TrialRefs& trials, int clicks) {
  ProtocolScore score;
  score.lesions = trials.size();
  if (trials.empty()) return score;
  std::set<std::string> patients;
  for (const auto* trial : trials) patients.insert(trial->patient);
  score.patients = patients.size();
  for (const int n : reported_clicks(clicks)) score.after.push_back(score_after(trials, n));
  for (int n = 1; n <= clicks; ++n) {
    score.curve.push_back(mean_over(trials, [=](const CaseTrial& t) { return t.after(n).dice; }));
  }
  const int last = std::min(5, clicks);
  if (last > 1) score.area_1_to_5 = mean_over(trials, [=](const CaseTrial& t) { return area(t, last); });
  for (const double dice : {0.80, 0.85, 0.90}) score.reach.push_back(score_reach(trials, dice, clicks));
  score.lowered = share_lowered(trials);
  score.obeyed = share_obeyed(trials);
  for (const auto* trial : trials) score.refused += !trial->outcomes.empty() && trial->outcomes.back().refused;
  add_times(score, trials);
  return score;
}

std::string_view headline_of(const EvaluationRun& run) {
  for (const auto& protocol : protocols()) {
    if (!trials_of(run, protocol.name).empty()) return protocol.name;
  }
  return {};
}

TrialRefs trials_of(const EvaluationRun& run, std::string_view protocol) {
  TrialRefs refs;
  for (const auto& trial : run.trials) {
    if (trial.protocol == protocol && !trial.outcomes.empty()) refs.push_back(&trial);
  }
  return refs;
}

std::vector<Part> parts_of(const TrialRefs& trials) {
  std::vector<Part> parts;
  add_parts(parts, trials, "group", [](const CaseTrial& t) { return t.group; });
  add_parts(parts, trials, "type", [](const CaseTrial& t) { return t.type; });
  std::vector<std::string> sizes;
  for (const auto& size : size_classes) sizes.emplace_back(size.name);
  add_parts(parts, trials, "size", size_of, sizes);
  for (std::size_t a = 0; a < attribute_count; ++a) {
    const auto& words = attribute_vocabulary()[a];
    const std::vector<std::string> labels(words.labels.begin(), words.labels.end());
    const auto label = [&](const CaseTrial& t) {
      return t.labels[a] < 0 ? std::string() : labels[static_cast<std::size_t>(t.labels[a])];
    };
    add_parts(parts, trials, std::string(words.name), label, labels);
  }
  return parts;
}

}  // namespace punctum
