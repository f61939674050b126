#include "inference/evaluation/scores.hpp"

#include <algorithm>
#include <cmath>

namespace punctum {
namespace {

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  return n % 2 == 1 ? values[n / 2] : 0.5 * (values[n / 2 - 1] + values[n / 2]);
}

struct Tally {
  double seen = 0, right = 0;
};

AttributeScore score_attribute(const std::vector<LesionTrial>& trials, std::size_t attribute) {
  std::vector<Tally> labels(attribute_vocabulary()[attribute].labels.size());
  Tally all;
  for (const auto& trial : trials) {
    if (!trial.named) continue;
    const double right = (*trial.named)[attribute] == trial.labels[attribute];
    auto& label = labels[static_cast<std::size_t>(trial.labels[attribute])];
    label.seen += 1;
    label.right += right;
    all.seen += 1;
    all.right += right;
  }
  AttributeScore score{static_cast<Attribute>(attribute), all.right / all.seen, 0, 0};
  double occurring = 0;
  for (const auto& label : labels) {
    if (label.seen == 0) continue;
    occurring += 1;
    score.balanced_accuracy += label.right / label.seen;
    score.majority = std::max(score.majority, label.seen / all.seen);
  }
  score.balanced_accuracy /= occurring;
  return score;
}

}  // namespace

ClickScore score_after(const std::vector<LesionTrial>& trials, int clicks) {
  ClickScore score;
  score.clicks = clicks;
  std::vector<double> dices, distances;
  for (const auto& trial : trials) {
    const auto& outcome = trial.clicks[std::min(trial.clicks.size(), static_cast<std::size_t>(clicks)) - 1];
    dices.push_back(outcome.dice);
    score.mean_dice += outcome.dice;
    score.iou_error += std::abs(outcome.stated_iou - outcome.true_iou);
    score.obeyed += outcome.click_obeyed;
    if (std::isfinite(outcome.hd95_mm)) {
      distances.push_back(outcome.hd95_mm);
    } else {
      ++score.empty;
    }
  }
  if (trials.empty()) return score;
  const auto n = static_cast<double>(trials.size());
  score.mean_dice /= n;
  score.iou_error /= n;
  score.obeyed /= n;
  score.median_dice = median(std::move(dices));
  score.median_hd95_mm = median(std::move(distances));
  return score;
}

std::vector<AttributeScore> score_attributes(const std::vector<LesionTrial>& trials) {
  const bool any = std::any_of(trials.begin(), trials.end(), [](const auto& trial) { return trial.named.has_value(); });
  std::vector<AttributeScore> scores;
  for (std::size_t a = 0; any && a < attribute_count; ++a) scores.push_back(score_attribute(trials, a));
  return scores;
}

}  // namespace punctum
