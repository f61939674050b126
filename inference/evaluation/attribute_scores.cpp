#include "inference/evaluation/attribute_scores.hpp"

#include <algorithm>

namespace punctum {
namespace {

/// One lesion's label and, if there is one, answer.
struct Asked {
  int label = 0;
  const std::vector<double>* probabilities = nullptr;
};

const Answers& answers_in(const CaseTrial& trial, int clicks, bool given_truth) {
  return given_truth ? trial.answers_given_truth : trial.after(clicks).answers;
}

std::vector<Asked> ask(const TrialRefs& trials, std::size_t attribute, int clicks, bool given_truth) {
  std::vector<Asked> asked;
  for (const auto* trial : trials) {
    if (trial->labels[attribute] < 0) continue;
    const auto& answers = answers_in(*trial, clicks, given_truth);
    asked.push_back({trial->labels[attribute], answers.empty() ? nullptr : &answers[attribute]});
  }
  return asked;
}

std::vector<Answer> given(const std::vector<Asked>& asked) {
  std::vector<Answer> answers;
  for (const auto& one : asked) {
    if (one.probabilities != nullptr) answers.push_back({*one.probabilities, one.label});
  }
  return answers;
}

double ratio(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

/// How often each label is true, is named, and both.
struct LabelTally {
  std::size_t occurs = 0, named = 0, both = 0;
};

void add_shares(AttributeScore& score, const std::vector<LabelTally>& tallies) {
  double occurring = 0, mentioned = 0;
  for (const auto& tally : tallies) {
    score.majority = std::max(score.majority, ratio(tally.occurs, score.known));
    if (tally.occurs > 0) occurring += 1;
    if (tally.occurs + tally.named > 0) {
      mentioned += 1;
      score.macro_f1 += ratio(2 * tally.both, tally.occurs + tally.named);
    }
  }
  score.chance = 1 / std::max(1.0, occurring);
  score.macro_f1 /= std::max(1.0, mentioned);
}

AttributeScore score_attribute(const EvaluationRun& run, const std::vector<Asked>& asked, std::size_t attribute) {
  AttributeScore score;
  score.attribute = static_cast<Attribute>(attribute);
  score.known = asked.size();
  const auto labels = attribute_vocabulary()[attribute].labels.size();
  score.confusion.assign(labels, std::vector<std::size_t>(labels, 0));
  std::vector<LabelTally> tallies(labels);
  for (const auto& one : asked) ++tallies[static_cast<std::size_t>(one.label)].occurs;
  const auto answers = given(asked);
  std::size_t right = 0;
  for (const auto& answer : answers) {
    const auto label = static_cast<std::size_t>(answer.label);
    ++score.confusion[label][answer.best()];
    ++tallies[answer.best()].named;
    tallies[label].both += answer.right();
    right += answer.right();
  }
  score.answered = answers.size();
  score.accuracy = estimate_share(right, asked.size());
  add_shares(score, tallies);
  score.calibrated = measure_reliability(answers);
  score.raw = measure_reliability(at_temperature(answers, run.temperatures[attribute], 1));
  score.risk = risk_coverage(answers);
  score.selective = at_threshold(answers, run.abstain_below[attribute]);
  return score;
}

Estimate share_all_right(const TrialRefs& trials, int clicks, bool given_truth) {
  std::size_t known = 0, right = 0;
  for (const auto* trial : trials) {
    if (std::any_of(trial->labels.begin(), trial->labels.end(), [](int label) { return label < 0; })) continue;
    ++known;
    const auto& answers = answers_in(*trial, clicks, given_truth);
    bool all = !answers.empty();
    for (std::size_t a = 0; all && a < attribute_count; ++a) all = Answer{answers[a], trial->labels[a]}.right();
    right += all;
  }
  return estimate_share(right, known);
}

}  // namespace

AttributeScores score_attributes(const EvaluationRun& run, const TrialRefs& trials, int clicks, bool given_truth) {
  AttributeScores scores;
  scores.clicks = clicks;
  double with_labels = 0;
  for (std::size_t a = 0; a < attribute_count; ++a) {
    auto score = score_attribute(run, ask(trials, a, clicks, given_truth), a);
    if (score.known > 0) {
      with_labels += 1;
      scores.mean_accuracy += score.accuracy.mean;
      scores.mean_majority += score.majority;
    }
    scores.each.push_back(std::move(score));
  }
  const bool any = std::any_of(scores.each.begin(), scores.each.end(), [](const auto& s) { return s.answered > 0; });
  if (!any) return {clicks, {}, 0, 0, {}, {}};
  for (double* mean : {&scores.mean_accuracy, &scores.mean_majority}) *mean /= with_labels;
  const auto intervals = attribute_intervals(
      trials, [&](const CaseTrial& trial) -> const Answers& { return answers_in(trial, clicks, given_truth); });
  for (std::size_t a = 0; a < attribute_count; ++a) scores.each[a].whole = intervals.each[a];
  scores.mean_whole = intervals.mean;
  scores.all_five = share_all_right(trials, clicks, given_truth);
  return scores;
}

std::vector<Answer> answers_after(const TrialRefs& trials, Attribute attribute, int clicks) {
  return given(ask(trials, static_cast<std::size_t>(attribute), clicks, false));
}

}  // namespace punctum
