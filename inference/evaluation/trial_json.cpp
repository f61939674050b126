#include "inference/evaluation/trial_json.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "dicom/types/error.hpp"

namespace punctum {
namespace {

using nlohmann::ordered_json;

constexpr const char* format_name = "punctum-evaluation/1";

/// Four digits after the point are more than any of these numbers is worth, and a run has a million of them.
double rounded(double value) { return std::round(value * 10000) / 10000; }

ordered_json finite_or_null(double value) { return std::isfinite(value) ? ordered_json(rounded(value)) : nullptr; }

/// Probabilities keep more digits: temperatures are fitted on their logarithms.
ordered_json as_json(const Answers& answers) {
  auto all = ordered_json::array();
  for (const auto& answer : answers) {
    auto& one = all.emplace_back(ordered_json::array());
    for (const double p : answer) one.push_back(std::round(p * 1e8) / 1e8);
  }
  return all;
}

/// [count, stated, lesion] by bin.
ordered_json as_json(const VoxelReliability& reliability) {
  auto bins = ordered_json::array();
  for (const auto& bin : reliability.bins) bins.push_back({bin.count, rounded(bin.stated), bin.lesion});
  return bins;
}

VoxelReliability reliability_from(const ordered_json& json) {
  VoxelReliability reliability;
  for (std::size_t i = 0; i < reliability.bins.size(); ++i) {
    auto& bin = reliability.bins[i];
    json.at(i).at(0).get_to(bin.count);
    json.at(i).at(1).get_to(bin.stated);
    json.at(i).at(2).get_to(bin.lesion);
  }
  return reliability;
}

ordered_json as_json(const ClickOutcome& o) {
  const auto& v = o.click.voxel;
  ordered_json json{{"voxel", {v.x, v.y, v.z}},
                    {"positive", o.click.sign == ClickSign::positive},
                    {"dsc", rounded(o.dice)},
                    {"hd95_mm", finite_or_null(o.hd95_mm)},
                    {"nsd", rounded(o.nsd)},
                    {"stated_iou", rounded(o.stated_iou)},
                    {"obeyed", o.obeyed},
                    {"crop_spacing_mm", o.crop_spacing_mm},
                    {"encode_ms", rounded(o.encode_ms)},
                    {"total_ms", rounded(o.total_ms)},
                    {"answers", as_json(o.answers)}};
  if (o.crop_dice) json["crop_dsc"] = rounded(*o.crop_dice);
  if (o.voxels.count() > 0) json["voxels"] = as_json(o.voxels);
  if (o.refused) json["refused"] = true;
  return json;
}

ClickOutcome outcome_from(const ordered_json& json) {
  ClickOutcome o;
  const auto& voxel = json.at("voxel");
  o.click.voxel = {voxel.at(0).get<int>(), voxel.at(1).get<int>(), voxel.at(2).get<int>()};
  o.click.sign = json.at("positive").get<bool>() ? ClickSign::positive : ClickSign::negative;
  json.at("dsc").get_to(o.dice);
  const auto& distance = json.at("hd95_mm");
  o.hd95_mm = distance.is_null() ? std::numeric_limits<double>::infinity() : distance.get<double>();
  json.at("nsd").get_to(o.nsd);
  json.at("stated_iou").get_to(o.stated_iou);
  json.at("obeyed").get_to(o.obeyed);
  o.refused = json.value("refused", false);
  json.at("crop_spacing_mm").get_to(o.crop_spacing_mm);
  json.at("encode_ms").get_to(o.encode_ms);
  json.at("total_ms").get_to(o.total_ms);
  json.at("answers").get_to(o.answers);
  // Older results have neither.
  if (json.contains("crop_dsc")) o.crop_dice = json.at("crop_dsc").get<double>();
  if (json.contains("voxels")) o.voxels = reliability_from(json.at("voxels"));
  return o;
}

CaseTrial trial_from(const ordered_json& json) {
  CaseTrial t;
  json.at("id").get_to(t.id);
  json.at("patient").get_to(t.patient);
  json.at("type").get_to(t.type);
  json.at("group").get_to(t.group);
  json.at("series").get_to(t.series);
  json.at("protocol").get_to(t.protocol);
  json.at("ml").get_to(t.volume_ml);
  json.at("labels").get_to(t.labels);
  for (const auto& outcome : json.at("outcomes")) t.outcomes.push_back(outcome_from(outcome));
  if (json.contains("answers_given_truth")) json.at("answers_given_truth").get_to(t.answers_given_truth);
  return t;
}

PlainClick plain_click_from(const ordered_json& json) {
  const auto& voxel = json.at("voxel");
  return {json.at("series"),
          {voxel.at(0).get<int>(), voxel.at(1).get<int>(), voxel.at(2).get<int>()},
          json.at("answer_ml").get<double>()};
}

/// Results from before there were such clicks have none.
std::vector<PlainClick> plain_clicks_from(const ordered_json& json) {
  std::vector<PlainClick> clicks;
  if (!json.contains("plain_tissue")) return clicks;
  for (const auto& one : json.at("plain_tissue")) clicks.push_back(plain_click_from(one));
  return clicks;
}

EvaluationRun heading_from(const ordered_json& json) {
  EvaluationRun run;
  json.at("model").get_to(run.model);
  json.at("version").get_to(run.version);
  json.at("digest").get_to(run.digest);
  json.at("temperatures").get_to(run.temperatures);
  json.at("abstain_below").get_to(run.abstain_below);
  if (json.contains("mask_level")) run.mask_level = json.at("mask_level").get<double>();
  json.at("data").get_to(run.data);
  run.data_digest = json.value("data_digest", "");
  json.at("clicks").get_to(run.clicks);
  json.at("seed").get_to(run.seed);
  run.marks = json.value("marks", true);
  return run;
}

/// A line that was cut off must not swallow the next one.
void end_last_line(const std::filesystem::path& file) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::ate);
  if (stream.tellg() <= 0) return;
  stream.seekg(-1, std::ios::end);
  if (stream.get() == '\n') return;
  stream.seekp(0, std::ios::end);
  stream << '\n';
}

/// Numbers of different weights, clicks or seeds must never stand in one table.
void require_same_run(const std::filesystem::path& file, const EvaluationRun& found, const EvaluationRun& wanted) {
  const auto differs = [&](const char* what) {
    throw StorageError("cannot go on with " + file.string() + ": it holds an evaluation with another " + what +
                       "; choose another folder, or remove that file");
  };
  if (found.digest != wanted.digest) differs("set of weights");
  if (found.mask_level && found.mask_level != wanted.mask_level) differs("mask level");
  if (found.temperatures != wanted.temperatures) differs("set of temperatures");
  if (found.clicks != wanted.clicks) differs("number of clicks");
  if (found.seed != wanted.seed) differs("seed");
  if (found.data_digest != wanted.data_digest) differs("set of lesions");
}

}  // namespace

ordered_json as_json(const CaseTrial& t) {
  auto outcomes = ordered_json::array();
  for (const auto& outcome : t.outcomes) outcomes.push_back(as_json(outcome));
  ordered_json json{{"id", t.id},        {"patient", t.patient}, {"type", t.type},
                    {"group", t.group},  {"series", t.series},   {"protocol", t.protocol},
                    {"ml", t.volume_ml}, {"labels", t.labels},   {"outcomes", std::move(outcomes)}};
  if (!t.answers_given_truth.empty()) json["answers_given_truth"] = as_json(t.answers_given_truth);
  return json;
}

ordered_json as_json(const PlainClick& c) {
  return {{"series", c.series}, {"voxel", {c.voxel.x, c.voxel.y, c.voxel.z}}, {"answer_ml", rounded(c.answer_ml)}};
}

ordered_json heading_json(const EvaluationRun& run) {
  ordered_json json{{"format", format_name},
                    {"model", run.model},
                    {"version", run.version},
                    {"digest", run.digest},
                    {"temperatures", run.temperatures},
                    {"abstain_below", run.abstain_below},
                    {"data", run.data},
                    {"clicks", run.clicks},
                    {"seed", run.seed}};
  if (!run.data_digest.empty()) json["data_digest"] = run.data_digest;
  if (run.mask_level) json["mask_level"] = *run.mask_level;
  if (!run.marks) json["marks"] = false;
  return json;
}

EvaluationRun read_run(const std::filesystem::path& results_json) {
  std::ifstream file(results_json);
  if (!file) throw StorageError("cannot read results: " + results_json.string() + " is missing");
  try {
    const auto json = ordered_json::parse(file);
    if (json.at("format") != format_name) {
      throw StorageError("cannot read results " + results_json.string() + ": found format " +
                         json.at("format").dump().substr(0, 60) + ", expected " + format_name);
    }
    auto run = heading_from(json);
    for (const auto& trial : json.at("trials")) run.trials.push_back(trial_from(trial));
    run.plain = plain_clicks_from(json);
    return run;
  } catch (const nlohmann::json::exception& error) {
    throw StorageError("cannot read results " + results_json.string() + ": " + error.what());
  }
}

TrialLog::TrialLog(std::filesystem::path file, const EvaluationRun& run) : file_(std::move(file)) {
  std::ifstream in(file_);
  std::string line;
  if (!in || !std::getline(in, line)) {
    std::ofstream out(file_);
    out << heading_json(run).dump() << '\n';
    out.close();
    if (!out) throw StorageError("cannot write trials to " + file_.string());
    return;
  }
  try {
    require_same_run(file_, heading_from(ordered_json::parse(line)), run);
    while (std::getline(in, line)) {
      const auto json = ordered_json::parse(line, nullptr, /*allow_exceptions=*/false);
      if (json.is_discarded()) continue;  // cut off while it was written: that series is tried again
      Finished finished{json.at("series"), json.at("protocols"), {{}, plain_clicks_from(json)}};
      for (const auto& trial : json.at("trials")) finished.tried.lesions.push_back(trial_from(trial));
      finished_.push_back(std::move(finished));
    }
    end_last_line(file_);
  } catch (const nlohmann::json::exception& error) {
    throw StorageError("cannot go on with " + file_.string() + ": it holds something else: " + error.what());
  }
}

std::optional<SeriesTrials> TrialLog::finished(const std::string& series,
                                               const std::vector<std::string>& protocols) const {
  for (const auto& known : finished_) {
    if (known.series == series && known.protocols == protocols) return known.tried;
  }
  return {};
}

void TrialLog::append(const std::string& series, const std::vector<std::string>& protocols, const SeriesTrials& tried) {
  auto trials = ordered_json::array(), plain = ordered_json::array();
  for (const auto& trial : tried.lesions) trials.push_back(as_json(trial));
  for (const auto& click : tried.plain) plain.push_back(as_json(click));
  const ordered_json line{
      {"series", series}, {"protocols", protocols}, {"trials", std::move(trials)}, {"plain_tissue", std::move(plain)}};
  std::ofstream out(file_, std::ios::app);
  out << line.dump() << '\n';
  out.close();
  if (!out) throw StorageError("cannot write trials to " + file_.string());
}

}  // namespace punctum
