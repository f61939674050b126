#include "inference/evaluation/calibration.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "dicom/types/error.hpp"

namespace punctum {
namespace {

using nlohmann::ordered_json;

std::vector<Answer> all_answers(const EvaluationRun& run, const TrialRefs& trials, std::size_t attribute) {
  std::vector<Answer> all;
  for (int click = 1; click <= std::min(calibrated_clicks, run.clicks); ++click) {
    const auto answers = answers_after(trials, static_cast<Attribute>(attribute), click);
    all.insert(all.end(), answers.begin(), answers.end());
  }
  return all;
}

AttributeCalibration fit(const EvaluationRun& run, const TrialRefs& trials, std::size_t attribute) {
  const auto answers = all_answers(run, trials, attribute);
  AttributeCalibration made;
  made.answers = answers.size();
  const double given_at = run.temperatures[attribute];
  if (!made.is_fitted()) {  // real lesions have no label of some attributes
    made.temperature = given_at;
    made.abstain_below = run.abstain_below[attribute];
    return made;
  }
  made.temperature = fit_temperature(answers, given_at);
  const auto calibrated = at_temperature(answers, given_at, made.temperature);
  made.before = measure_reliability(at_temperature(answers, given_at, 1));
  made.after = measure_reliability(calibrated);
  made.abstain_below = abstention_threshold(calibrated, wanted_selective_accuracy, fewest_answers / 2);
  made.selective = at_threshold(calibrated, made.abstain_below);
  return made;
}

double rounded(double value) { return std::round(value * 10000) / 10000; }

ordered_json statement(const Calibration& calibration, const EvaluationRun& run) {
  auto each = ordered_json::array();
  for (std::size_t a = 0; a < attribute_count; ++a) {
    const auto& c = calibration.attributes[a];
    if (!c.is_fitted()) {
      each.push_back({{"attribute", attribute_vocabulary()[a].name}, {"answers", c.answers}, {"fitted", false}});
      continue;
    }
    each.push_back({{"attribute", attribute_vocabulary()[a].name},
                    {"answers", c.answers},
                    {"ece_before", rounded(c.before.ece)},
                    {"ece_after", rounded(c.after.ece)},
                    {"nll_before", rounded(c.before.nll)},
                    {"nll_after", rounded(c.after.nll)},
                    {"coverage", rounded(c.selective.coverage)},
                    {"selective_accuracy", rounded(c.selective.accuracy)}});
  }
  return {{"data", run.data},
          {"lesions", calibration.lesions},
          {"clicks", "1 to " + std::to_string(std::min(calibrated_clicks, run.clicks))},
          {"wanted_selective_accuracy", wanted_selective_accuracy},
          {"on_these_lesions", each}};
}

ordered_json read_json(const std::filesystem::path& path) {
  std::ifstream file(path);
  auto json = ordered_json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) throw ModelError("cannot calibrate: " + path.string() + " is no model manifest");
  return json;
}

}  // namespace

Calibration fit_calibration(const EvaluationRun& run) {
  Calibration calibration;
  const auto trials = trials_of(run, headline_of(run));
  calibration.lesions = trials.size();
  std::size_t most = 0;
  for (std::size_t a = 0; a < attribute_count; ++a) {
    calibration.attributes[a] = fit(run, trials, a);
    most = std::max(most, calibration.attributes[a].answers);
  }
  if (most < fewest_answers) {
    throw ModelError("cannot calibrate: found at most " + std::to_string(most) +
                     " answers with a known label of any attribute, expected at least " +
                     std::to_string(fewest_answers));
  }
  return calibration;
}

void write_calibration(const std::filesystem::path& manifest, const Calibration& calibration,
                       const EvaluationRun& run) {
  auto json = read_json(manifest);
  auto temperatures = ordered_json::array(), thresholds = ordered_json::array();
  for (const auto& attribute : calibration.attributes) {
    temperatures.push_back(attribute.temperature);
    thresholds.push_back(attribute.abstain_below);
  }
  json["temperatures"] = temperatures;
  json["abstain_below"] = thresholds;
  json["calibration"] = statement(calibration, run);
  const auto beside = std::filesystem::path(manifest.string() + ".new");
  std::ofstream file(beside);
  file << json.dump(2) << '\n';
  file.close();
  if (!file) throw StorageError("cannot write manifest " + beside.string());
  std::filesystem::rename(beside, manifest);
}

}  // namespace punctum
