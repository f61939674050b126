#include "inference/evaluation/study_report.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "dicom/types/error.hpp"
#include "inference/evaluation/click_scores.hpp"
#include "inference/evaluation/study_measures.hpp"

namespace punctum {
namespace {

using nlohmann::ordered_json;

/// The trials of one run by lesion.
using TrialsById = std::map<std::string, const CaseTrial*>;
/// The lesions that all runs tried, by patient.
using LesionsByPatient = std::map<std::string, std::vector<std::string>>;

TrialsById trials_by_id(const EvaluationRun& run) {
  TrialsById by_id;
  for (const auto* trial : trials_of(run, protocols().front().name)) by_id[trial->id] = trial;
  return by_id;
}

LesionsByPatient common_lesions(const std::vector<TrialsById>& runs) {
  LesionsByPatient lesions;
  for (const auto& [id, trial] : runs.front()) {
    const bool everywhere = std::all_of(runs.begin(), runs.end(), [&](const auto& run) { return run.contains(id); });
    if (everywhere) lesions[trial->patient].push_back(id);
  }
  if (lesions.empty()) throw StorageError("cannot report on the study: its runs share no lesion");
  return lesions;
}

std::vector<Sums> sums_of(const TrialsById& run, const LesionsByPatient& lesions, const MeasureRule& rule) {
  std::vector<Sums> patients;
  for (const auto& [patient, ids] : lesions) {
    Sums sum;
    for (const auto& id : ids) {
      const auto one = rule.count(*run.at(id));
      sum.resize(one.size(), 0);
      for (std::size_t i = 0; i < one.size(); ++i) sum[i] += one[i];
    }
    patients.push_back(std::move(sum));
  }
  return patients;
}

/// The same number of two arms side by side, for their difference.
std::vector<Sums> side_by_side(std::vector<Sums> first, const std::vector<Sums>& second) {
  for (std::size_t i = 0; i < first.size(); ++i) first[i].insert(first[i].end(), second[i].begin(), second[i].end());
  return first;
}

bool names_attributes(const TrialsById& run) {
  return std::any_of(run.begin(), run.end(), [](const auto& item) { return !item.second->after(1).answers.empty(); });
}

/// Runs of one arm, by seed.
struct ArmRuns {
  std::map<std::uint64_t, std::size_t> by_seed;  // index into the study's runs
  bool marks = true, names = false;
  bool has(const StudyMeasure& measure) const { return measure.of_mask ? marks : names; }
};

class Study {
 public:
  explicit Study(const std::vector<StudyRun>& runs) : runs_(runs) {
    for (const auto& run : runs) trials_.push_back(trials_by_id(run.evaluation));
    lesions_ = common_lesions(trials_);
    for (std::size_t i = 0; i < runs.size(); ++i) {
      if (!arms_.contains(runs[i].arm)) order_.push_back(runs[i].arm);
      auto& arm = arms_[runs[i].arm];
      arm.by_seed[runs[i].seed] = i;
      arm.marks = arm.marks && runs[i].evaluation.marks;
      arm.names = arm.names || names_attributes(trials_[i]);
    }
  }

  const LesionsByPatient& lesions() const { return lesions_; }
  const std::vector<std::string>& order() const { return order_; }
  const TrialsById& any_trials() const { return trials_.front(); }

  StudyArm arm(const std::string& name, const std::string& reference) const {
    const auto& own = arms_.at(name);
    StudyArm arm{name, {}, 0, {}, {}, {}};
    for (const auto& [seed, run] : own.by_seed) {
      arm.seeds.push_back(seed);
      arm.parameters = runs_[run].parameters;
      arm.samples_per_second.push_back(runs_[run].samples_per_second);
    }
    for (const auto& rule : study_measures()) {
      arm.measures.push_back(value_of(own, rule));
      const auto other = arms_.find(reference);
      const bool compared = name != reference && other != arms_.end();
      arm.less_reference.push_back(compared ? difference(own, other->second, rule) : CrossedEstimate{});
    }
    return arm;
  }

 private:
  /// Nothing where no label is known.
  static CrossedEstimate checked(const CrossedEstimate& estimate) {
    return std::isfinite(estimate.value.mean) ? estimate : CrossedEstimate{};
  }

  CrossedEstimate value_of(const ArmRuns& arm, const MeasureRule& rule) const {
    if (!arm.has(rule.said)) return {};
    std::vector<std::vector<Sums>> sums;
    for (const auto& [seed, run] : arm.by_seed) sums.push_back(sums_of(trials_[run], lesions_, rule));
    return checked(estimate_crossed(sums, rule.statistic));
  }

  CrossedEstimate difference(const ArmRuns& arm, const ArmRuns& reference, const MeasureRule& rule) const {
    if (!arm.has(rule.said) || !reference.has(rule.said)) return {};
    std::vector<std::vector<Sums>> sums;
    for (const auto& [seed, run] : arm.by_seed) {
      const auto other = reference.by_seed.find(seed);
      if (other == reference.by_seed.end()) continue;
      sums.push_back(
          side_by_side(sums_of(trials_[other->second], lesions_, rule), sums_of(trials_[run], lesions_, rule)));
    }
    if (sums.empty()) return {};
    return checked(estimate_crossed(sums, [&](const Sums& both) {
      const auto middle = both.begin() + static_cast<std::ptrdiff_t>(both.size() / 2);
      return rule.statistic({middle, both.end()}) - rule.statistic({both.begin(), middle});
    }));
  }

  const std::vector<StudyRun>& runs_;
  std::vector<TrialsById> trials_;
  LesionsByPatient lesions_;
  std::map<std::string, ArmRuns> arms_;
  std::vector<std::string> order_;
};

/// What needs no network: always the commonest label, and guessing among those that occur.
void add_floors(StudyReport& report, const TrialsById& trials, const LesionsByPatient& lesions) {
  for (std::size_t a = 0; a < attribute_count; ++a) {
    std::map<int, double> counts;
    double known = 0;
    for (const auto& [patient, ids] : lesions) {
      for (const auto& id : ids) {
        const int label = trials.at(id)->labels[a];
        if (label >= 0) ++counts[label], ++known;
      }
    }
    double commonest = 0;
    for (const auto& [label, count] : counts) commonest = std::max(commonest, count);
    report.majority.push_back(known > 0 ? commonest / known : 0);
    report.chance.push_back(counts.empty() ? 0 : 1 / static_cast<double>(counts.size()));
  }
}

ordered_json as_json(const CrossedEstimate& e, bool difference) {
  if (e.value.count == 0) return nullptr;
  ordered_json json{{"value", e.value.mean}, {"low", e.value.low}, {"high", e.value.high}};
  if (difference) json["p"] = e.p;
  return json;
}

}  // namespace

StudyReport report_on_study(const std::vector<StudyRun>& runs, const std::string& reference) {
  if (runs.empty()) throw StorageError("cannot report on the study: there is no run");
  const Study study(runs);
  StudyReport report;
  report.data = runs.front().evaluation.data;
  report.reference = reference;
  for (const auto& [patient, ids] : study.lesions()) report.lesions += ids.size();
  report.patients = study.lesions().size();
  for (const auto& rule : study_measures()) report.measures.push_back(rule.said);
  for (const auto& name : study.order()) report.arms.push_back(study.arm(name, reference));
  add_floors(report, study.any_trials(), study.lesions());
  return report;
}

ordered_json as_json(const StudyReport& report) {
  auto arms = ordered_json::array();
  for (const auto& arm : report.arms) {
    ordered_json values, differences;
    for (std::size_t i = 0; i < report.measures.size(); ++i) {
      values[report.measures[i].name] = as_json(arm.measures[i], false);
      differences[report.measures[i].name] = as_json(arm.less_reference[i], true);
    }
    arms.push_back({{"arm", arm.arm},
                    {"seeds", arm.seeds},
                    {"parameters", arm.parameters},
                    {"samples_per_second", arm.samples_per_second},
                    {"values", values}});
    if (arm.arm != report.reference) arms.back()["less_" + report.reference] = differences;
  }
  return {{"data", report.data},         {"lesions", report.lesions}, {"patients", report.patients},
          {"majority", report.majority}, {"chance", report.chance},   {"arms", arms}};
}

}  // namespace punctum
