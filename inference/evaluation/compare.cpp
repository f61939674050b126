#include "inference/evaluation/compare.hpp"

#include <algorithm>
#include <cmath>
#include <format>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "dicom/types/error.hpp"
#include "inference/evaluation/reliability.hpp"

namespace punctum {
namespace {

struct TrialPair {
  const CaseTrial* first = nullptr;
  const CaseTrial* second = nullptr;
};

using Measure = std::function<std::optional<double>(const CaseTrial&)>;

/// Other data may have a lesion of the same name.
void require_same_lesion(const CaseTrial& a, const CaseTrial& b) {
  const bool same = std::abs(a.volume_ml - b.volume_ml) < 1e-3 * std::max(a.volume_ml, 1.0) && a.labels == b.labels;
  if (!same)
    throw StorageError("cannot compare: " + a.id + " is another lesion in the second result than in the first");
}

std::vector<TrialPair> pairs_of(const TrialRefs& first, const TrialRefs& second) {
  std::map<std::string, const CaseTrial*> known;
  for (const auto* trial : first) known[trial->id] = trial;
  std::vector<TrialPair> pairs;
  for (const auto* trial : second) {
    const auto found = known.find(trial->id);
    if (found == known.end()) continue;
    require_same_lesion(*found->second, *trial);
    pairs.push_back({found->second, trial});
  }
  return pairs;
}

void add(RunComparison& comparison, const std::vector<TrialPair>& pairs, std::string what, const Measure& measure,
         bool more_is_better = true) {
  std::vector<PairedObservation> observations;
  for (const auto& pair : pairs) {
    const auto first = measure(*pair.first), second = measure(*pair.second);
    if (first && second) observations.push_back({pair.first->patient, *first, *second});
  }
  if (observations.empty()) return;
  comparison.values.push_back({std::move(what), observations.size(), more_is_better, compare_means(observations)});
}

/// 1 if the attribute is named rightly, 0 if not or if there is no answer; nothing if the truth is unknown.
std::optional<double> right_after(const CaseTrial& trial, std::size_t attribute, int clicks) {
  if (trial.labels[attribute] < 0) return {};
  const auto& answers = trial.after(clicks).answers;
  return !answers.empty() && Answer{answers[attribute], trial.labels[attribute]}.right() ? 1 : 0;
}

std::optional<double> mean_right_after(const CaseTrial& trial, int clicks) {
  double sum = 0, known = 0;
  for (std::size_t a = 0; a < attribute_count; ++a) {
    if (const auto right = right_after(trial, a, clicks)) {
      sum += *right;
      known += 1;
    }
  }
  if (known == 0) return {};
  return sum / known;
}

void add_masks(RunComparison& comparison, const std::vector<TrialPair>& pairs, int clicks) {
  for (const int n : reported_clicks(clicks)) {
    add(comparison, pairs, std::format("DSC after {} click{}", n, n == 1 ? "" : "s"),
        [n](const CaseTrial& t) { return t.after(n).dice; });
  }
  add(comparison, pairs, "NSD at 1.5 mm after 1 click", [](const CaseTrial& t) { return t.after(1).nsd; });
  const auto distance = [](const CaseTrial& t) {
    const double d = t.after(1).hd95_mm;
    return std::isfinite(d) ? d : empty_penalty_mm;
  };
  add(comparison, pairs, "HD95 after 1 click, mm, empty penalised", distance, /*more_is_better=*/false);
}

void add_attributes(RunComparison& comparison, const std::vector<TrialPair>& pairs) {
  // A run without any answer is of a model that names no attributes, and has nothing to be compared.
  const auto any = [&](const CaseTrial* TrialPair::* side) {
    return std::any_of(pairs.begin(), pairs.end(),
                       [&](const TrialPair& pair) { return !(pair.*side)->after(1).answers.empty(); });
  };
  if (!any(&TrialPair::first) || !any(&TrialPair::second)) return;
  for (std::size_t a = 0; a < attribute_count; ++a) {
    add(comparison, pairs, std::string(attribute_vocabulary()[a].name) + ", accuracy after 1 click",
        [a](const CaseTrial& t) { return right_after(t, a, 1); });
  }
  add(comparison, pairs, "attributes, mean accuracy after 1 click",
      [](const CaseTrial& t) { return mean_right_after(t, 1); });
}

std::string name_of(const EvaluationRun& run) { return run.model + " " + run.version + " " + run.digest.substr(0, 8); }

std::string interval(const Estimate& e) { return std::format("{:+.3f} [{:+.3f}, {:+.3f}]", e.mean, e.low, e.high); }

}  // namespace

RunComparison compare_runs(const EvaluationRun& first, const EvaluationRun& second) {
  RunComparison comparison{name_of(first), name_of(second), "", 0, 0, 0, {}};
  for (const auto& protocol : protocols()) {
    const auto a = trials_of(first, protocol.name), b = trials_of(second, protocol.name);
    const auto pairs = pairs_of(a, b);
    if (pairs.empty()) continue;
    comparison.protocol = protocol.name;
    comparison.lesions = pairs.size();
    comparison.only_first = a.size() - pairs.size();
    comparison.only_second = b.size() - pairs.size();
    if (first.marks && second.marks) add_masks(comparison, pairs, std::min(first.clicks, second.clicks));
    add_attributes(comparison, pairs);
    return comparison;
  }
  throw StorageError("cannot compare: the two evaluations share no lesion by the same protocol");
}

nlohmann::ordered_json as_json(const RunComparison& c) {
  auto values = nlohmann::ordered_json::array();
  for (const auto& value : c.values) {
    const auto& v = value.values;
    values.push_back({{"what", value.what},
                      {"lesions", value.lesions},
                      {"more_is_better", value.more_is_better},
                      {"first", v.first.mean},
                      {"second", v.second.mean},
                      {"difference", v.difference.mean},
                      {"low", v.difference.low},
                      {"high", v.difference.high},
                      {"p", v.p}});
  }
  return {{"first", c.first},     {"second", c.second},         {"protocol", c.protocol},
          {"lesions", c.lesions}, {"only_first", c.only_first}, {"only_second", c.only_second},
          {"values", values}};
}

std::string as_markdown(const RunComparison& c) {
  std::string text = std::format(
      "{} lesions that both tried, protocol {} ({} only in the first, {} only in the second).\nA: {}\nB: {}\n\n"
      "| | n | A | B | B - A [95 %] | p |\n|---|---:|---:|---:|---:|---:|\n",
      c.lesions, c.protocol, c.only_first, c.only_second, c.first, c.second);
  for (const auto& value : c.values) {
    const auto& v = value.values;
    text += std::format("| {} | {} | {:.3f} | {:.3f} | {} | {:.3f} |\n", value.what, value.lesions, v.first.mean,
                        v.second.mean, interval(v.difference), v.p);
  }
  return text +
         "\nPaired bootstrap over patients, two-sided p. Of many rows, one in twenty looks like a difference by "
         "chance.\n";
}

}  // namespace punctum
