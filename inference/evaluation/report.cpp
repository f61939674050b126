#include "inference/evaluation/report.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace punctum {
namespace {

using nlohmann::ordered_json;

ordered_json as_json(const Estimate& e) {
  if (e.count == 0) return nullptr;
  return {{"mean", e.mean}, {"low", e.low}, {"high", e.high}, {"count", e.count}};
}

/// Bins as stated probability, share that is lesion, count; empty ones left out.
ordered_json as_json(const VoxelReliability& r) {
  if (r.count() == 0) return nullptr;
  auto bins = ordered_json::array();
  for (const auto& bin : r.bins) {
    if (bin.count > 0) bins.push_back({bin.mean_stated(), bin.share_of_lesion(), bin.count});
  }
  return {{"ece", r.ece()}, {"voxels", r.count()}, {"bins", bins}};
}

ordered_json as_json(const ClickScore& s) {
  ordered_json json{{"clicks", s.clicks},
                    {"dsc", as_json(s.dice)},
                    {"crop_dsc", as_json(s.crop_dice)},
                    {"median_dsc", s.median_dice},
                    {"nsd", as_json(s.nsd)},
                    {"hd95_penalised_mm", as_json(s.hd95_penalised_mm)},
                    {"median_hd95_mm", s.median_hd95_mm},
                    {"empty", s.empty},
                    {"iou_error", as_json(s.iou_error)}};
  json["voxel_calibration"] = as_json(s.voxels);
  json["iou_rank"] = s.iou_rank ? ordered_json(*s.iou_rank) : ordered_json(nullptr);
  return json;
}

ordered_json as_json(const ProtocolScore& s) {
  auto after = ordered_json::array(), reach = ordered_json::array(), curve = ordered_json::array();
  for (const auto& one : s.curve) curve.push_back(as_json(one));
  for (const auto& one : s.after) after.push_back(as_json(one));
  for (const auto& one : s.reach) {
    reach.push_back({{"dsc", one.dice},
                     {"clicks", as_json(one.clicks)},
                     {"cap", one.cap},
                     {"failures", one.failures},
                     {"failure_rate", static_cast<double>(one.failures) / static_cast<double>(s.lesions)}});
  }
  return {{"lesions", s.lesions},
          {"patients", s.patients},
          {"after", after},
          {"curve", curve},
          {"area_1_to_5", as_json(s.area_1_to_5)},
          {"noc", reach},
          {"clicks_that_lower", as_json(s.lowered)},
          {"clicks_obeyed", as_json(s.obeyed)},
          {"clicks_refused", s.refused},
          {"first_click_ms", s.first_click_ms},
          {"further_click_ms", s.further_click_ms}};
}

ordered_json as_json(const CalibrationError& e) {
  if (e.count == 0) return nullptr;
  return {
      {"value", e.value}, {"if_perfect", {{"mean", e.if_perfect}, {"high", e.if_perfect_high}}}, {"count", e.count}};
}

ordered_json as_json(const Reliability& r) {
  auto bins = ordered_json::array();
  for (const auto& bin : r.bins) bins.push_back({bin.confidence, bin.accuracy, bin.count});
  return {{"ece", r.ece}, {"brier", r.brier}, {"nll", r.nll}, {"bins", bins}};
}

ordered_json as_json(const AttributeScore& s) {
  const auto& words = attribute_vocabulary()[static_cast<std::size_t>(s.attribute)];
  return {
      {"attribute", words.name},
      {"labels", words.labels},
      {"known", s.known},
      {"answered", s.answered},
      {"accuracy", as_json(s.accuracy)},
      {"majority", s.majority},
      {"balanced_accuracy", as_json(s.whole.balanced_accuracy)},
      {"ece", as_json(s.whole.ece)},
      {"chance", s.chance},
      {"macro_f1", s.macro_f1},
      {"confusion", s.confusion},
      {"before_temperature", as_json(s.raw)},
      {"calibrated", as_json(s.calibrated)},
      {"selective",
       {{"threshold", s.selective.threshold}, {"coverage", s.selective.coverage}, {"accuracy", s.selective.accuracy}}}};
}

ordered_json as_json(const AttributeScores& s) {
  auto each = ordered_json::array();
  for (const auto& one : s.each) each.push_back(as_json(one));
  return {{"clicks", s.clicks},
          {"attributes", each},
          {"mean_accuracy", s.mean_accuracy},
          {"mean_balanced_accuracy", as_json(s.mean_whole.balanced_accuracy)},
          {"mean_majority", s.mean_majority},
          {"mean_ece", as_json(s.mean_whole.ece)},
          {"all_five", as_json(s.all_five)}};
}

ordered_json as_json(const PlainTissueScore& s) {
  return {{"clicks", s.clicks},
          {"empty", s.empty},
          {"median_ml", s.median_ml},
          {"upper_quartile_ml", s.upper_quartile_ml},
          {"ninth_decile_ml", s.ninth_decile_ml},
          {"largest_ml", s.largest_ml}};
}

/// Of a baseline without masks only how many lesions there were.
ProtocolScore masks_of(const EvaluationRun& run, const TrialRefs& trials) {
  auto score = score_protocol(trials, run.clicks);
  if (run.marks) return score;
  ProtocolScore empty;
  empty.lesions = score.lesions, empty.patients = score.patients;
  return empty;
}

}  // namespace

EvaluationReport report_on(const EvaluationRun& run) {
  EvaluationReport report;
  report.model = run.model + " " + run.version + " (" + run.digest.substr(0, 12) + ")";
  report.data = run.data;
  report.marks = run.marks;
  report.abstain_below = run.abstain_below;
  for (const auto& protocol : protocols()) {
    const auto trials = trials_of(run, protocol.name);
    if (trials.empty()) continue;
    report.protocols.push_back({std::string(protocol.name), std::string(protocol.meaning), masks_of(run, trials)});
  }
  if (report.protocols.empty()) return report;
  const auto headline = trials_of(run, headline_of(run));
  for (const auto& part : parts_of(headline)) {
    const bool named = part.by == "group" || part.by == "type";
    report.parts.push_back({part.by, part.value, masks_of(run, part.trials),
                            named ? score_attributes(run, part.trials, 1) : AttributeScores{}});
  }
  for (const int clicks : reported_clicks(run.clicks)) {
    auto scores = score_attributes(run, headline, clicks);
    if (!scores.each.empty()) report.attributes.push_back(std::move(scores));
  }
  report.attributes_given_truth = score_attributes(run, headline, 1, /*given_truth=*/true);
  report.answers = std::ranges::any_of(headline, [](const auto* trial) { return !trial->after(1).answers.empty(); });
  report.plain = score_plain_tissue(run.plain);
  return report;
}

ordered_json as_json(const EvaluationReport& report) {
  ordered_json by_protocol, parts = ordered_json::array(), attributes = ordered_json::array();
  for (const auto& protocol : report.protocols) {
    auto json = as_json(protocol.score);
    json["meaning"] = protocol.meaning;
    by_protocol[protocol.name] = std::move(json);
  }
  for (const auto& part : report.parts) {
    ordered_json json{{"by", part.by}, {"value", part.value}, {"segmentation", as_json(part.score)}};
    if (!part.attributes.each.empty()) json["attributes"] = as_json(part.attributes);
    parts.push_back(std::move(json));
  }
  for (const auto& scores : report.attributes) attributes.push_back(as_json(scores));
  return {{"protocols", by_protocol},
          {"parts", parts},
          {"attributes", attributes},
          {"attributes_given_truth", as_json(report.attributes_given_truth)},
          {"plain_tissue", as_json(report.plain)}};
}

}  // namespace punctum
