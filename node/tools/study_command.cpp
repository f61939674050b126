#include "node/tools/study_command.hpp"

#include <algorithm>
#include <format>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>

#include "dicom/types/digest.hpp"
#include "dicom/types/error.hpp"
#include "inference/baselines/architecture.hpp"
#include "inference/evaluation/statistics.hpp"
#include "inference/training/export.hpp"
#include "inference/training/train.hpp"
#include "node/tools/evaluate_command.hpp"
#include "node/tools/files.hpp"
#include "node/tools/manifest_cases.hpp"
#include "node/tools/training_data.hpp"

namespace punctum {
namespace {

namespace fs = std::filesystem;

void write_text(const fs::path& path, const std::string& text) {
  write_file_bytes(path, std::as_bytes(std::span(text)));
}

nlohmann::json read_json(const fs::path& path) {
  std::ifstream file(path);
  return nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
}

/// Without the folders that they lie in, which a copy of the study has elsewhere.
std::vector<std::string> names_of(const std::vector<fs::path>& paths) {
  std::vector<std::string> names;
  for (const auto& path : paths) names.push_back(path.filename().string());
  return names;
}

std::string digest_of(const fs::path& file) { return file.empty() ? "" : sha256_of_file(file).hex; }

/// Whether all that was written down is the same now. An older study wrote down less.
bool agrees(const nlohmann::json& written, const nlohmann::json& now) {
  if (written.is_array() && now.is_array()) return std::ranges::equal(written, now, agrees);
  if (!written.is_object() || !now.is_object()) return written == now;
  for (const auto& [name, value] : written.items()) {
    if (!now.contains(name) || !agrees(value, now.at(name))) return false;
  }
  return true;
}

/// What makes arms comparable; arms, seeds and lesions may be added later.
nlohmann::ordered_json budget_of(const TrainingConfig& training) {
  nlohmann::json options = training.options;
  options.erase("variant");
  options.erase("network");
  options.erase("seed");
  auto data = nlohmann::ordered_json::array();
  for (const auto& source : training.data) {
    data.push_back({{"kind", source.kind},
                    {"name", source.name},
                    {"share", source.share},
                    {"coarse_share", source.coarse_share},
                    {"detail_share", source.detail_share},
                    {"background_share", source.background_share},
                    {"manifest", digest_of(source.manifest)},
                    {"backgrounds", names_of(source.backgrounds)},
                    {"phantom_backgrounds", source.phantom_backgrounds},
                    {"shapes", names_of(source.shapes)},
                    {"soften", source.soften}});
  }
  return {{"options", options}, {"initial", digest_of(training.options.initial)}, {"data", data}};
}

/// Arms of different trainings must never stand in one table.
void claim_folder(const StudyOptions& options) {
  fs::create_directories(options.folder);
  const auto file = options.folder / "budget.json";
  const auto budget = budget_of(options.config.training);
  if (!fs::exists(file)) return write_text(file, budget.dump(1) + "\n");
  if (agrees(read_json(file), nlohmann::json::parse(budget.dump()))) return;
  throw ConfigError("cannot go on with the study in " + options.folder.string() +
                    ": it was begun with another training; choose another folder");
}

/// One training of the study.
struct Training {
  TrainedArm arm;
  std::uint64_t seed = 1;
  fs::path folder;
  std::string name() const { return std::format("{}, seed {}", arm.name, seed); }
};

std::vector<Training> trainings_of(const StudyOptions& options) {
  std::vector<Training> trainings;
  for (int i = 0; i < options.config.seeds; ++i) {
    const auto seed = options.config.first_seed + static_cast<std::uint64_t>(i);
    for (const auto& arm : options.config.arms) {
      trainings.push_back({arm, seed, options.folder / std::format("{}-{}", arm.name, seed)});
    }
  }
  return trainings;
}

/// @throws ConfigError if the folder holds another network than the arm asks for.
bool is_trained(const Training& one, const TrainOptions& training) {
  const auto manifest = read_json(one.folder / "model/manifest.json");
  if (!manifest.is_object() || manifest.at("training").value("steps", std::int64_t{0}) != training.steps) return false;
  const auto trained = manifest.at("architecture").get<Architecture>();
  if (trained == with_changes(architecture_named(training.size, training.variant), training.network)) return true;
  throw ConfigError("cannot go on with the study: " + one.folder.string() +
                    " holds another network than the arm of this name; give the arm another name");
}

/// @return whether it is trained to its end.
bool train_arm(const StudyOptions& options, const std::vector<TrainingSource>& sources, const Training& one) {
  auto training = options.config.training.options;
  training.variant = one.arm.variant;
  training.network = one.arm.network;
  training.seed = one.seed;
  if (is_trained(one, training)) return true;
  const auto said = [&](const std::string& line) { options.said(one.name() + ": " + line); };
  const auto provenance = nlohmann::json{{"command", options.command}, {"version", options.version}}.dump();
  const auto report = train(training, sources, one.folder, provenance, said, options.stop);
  if (report.steps < training.steps) return false;
  ExportOptions exported;
  exported.version = std::format("study-{}-{}", one.arm.name, one.seed);
  exported.evaluation_crops = exported.calibration_crops = 0;  // it is evaluated as a whole, and no temperature matters
  export_checkpoint(one.folder / "checkpoint.pt", one.folder / "model", exported, said);
  return true;
}

EvaluateOptions evaluation_of(const StudyEvaluation& wanted, const Training& one) {
  EvaluateOptions options;
  options.model = one.folder / "model";
  options.first_seed = wanted.first_seed;
  options.last_seed = wanted.last_seed;
  options.zero_shot = wanted.zero_shot;
  options.clicks = wanted.clicks;
  options.protocols = {std::string(protocols().front().name)};
  options.threads = 1;
  options.worst = 0;
  options.out = one.folder / "phantoms";
  return options;
}

/// Of the lines of progress.jsonl, so that pauses and other sessions do not count.
double pace_of(const fs::path& folder) {
  std::ifstream file(folder / "progress.jsonl");
  std::vector<double> paces;
  for (std::string line; std::getline(file, line);) {
    const auto json = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (json.is_object() && json.contains("samples_per_s")) paces.push_back(json.at("samples_per_s").get<double>());
  }
  return median(paces);
}

/// Runs of all finished arms on one set of lesions.
using Runs = std::vector<StudyRun>;

StudyRun try_arm(const Training& one, const EvaluateOptions& evaluation) {
  const auto manifest = read_json(one.folder / "model/manifest.json");
  return {one.arm.name, one.seed, manifest.at("training").at("parameters").get<std::int64_t>(), pace_of(one.folder),
          evaluate_model(evaluation)};
}

/// Usual lesions and types that were never trained on do not stand in one table.
std::map<std::string, Runs> by_group(const Runs& runs) {
  std::map<std::string, Runs> groups;
  for (const auto& run : runs) {
    std::map<std::string, EvaluationRun> parts;
    for (const auto& trial : run.evaluation.trials) {
      const auto [part, added] = parts.try_emplace(trial.group, run.evaluation);
      if (added) part->second.trials.clear(), part->second.data += " (" + trial.group + ")";
      part->second.trials.push_back(trial);
    }
    for (auto& [group, evaluation] : parts) {
      groups[group].push_back({run.arm, run.seed, run.parameters, run.samples_per_second, std::move(evaluation)});
    }
  }
  return groups;
}

void write_report(const StudyOptions& options, const std::vector<Runs>& sets) {
  const auto& training = options.config.training.options;
  const auto samples = training.steps * training.batch * training.replicas;
  nlohmann::ordered_json json{{"format", "punctum-study/1"},
                              {"command", options.command},
                              {"samples", samples},
                              {"budget", budget_of(options.config.training)}};
  std::string text = std::format("## Study at size {}: {} samples an arm and seed\n\n", training.size, samples);
  for (const auto& set : sets) {
    for (const auto& [group, runs] : by_group(set)) {
      const auto report = report_on_study(runs, options.config.reference);
      json["tables"].push_back(as_json(report));
      text += as_markdown(report) + "\n";
    }
  }
  write_text(options.folder / "study.json", json.dump(1) + "\n");
  write_text(options.folder / "study.md", text);
}

}  // namespace

bool run_study(const StudyOptions& options) {
  options.config.training.options.check();
  claim_folder(options);
  const auto& wanted = options.config.evaluation;
  if (!wanted.manifest.empty()) (void)manifest_cases(wanted.manifest, wanted.splits);  // says now what is wrong with it
  const auto sources = training_sources(options.config.training.data, options.folder, options.said);
  std::vector<Runs> sets(wanted.manifest.empty() ? 1 : 2);
  for (const auto& one : trainings_of(options)) {
    if (options.stop && options.stop()) return false;
    if (!train_arm(options, sources, one)) return false;
    auto evaluation = evaluation_of(wanted, one);
    sets[0].push_back(try_arm(one, evaluation));
    if (sets.size() > 1) {
      evaluation.manifest = wanted.manifest;
      evaluation.splits = wanted.splits;
      evaluation.out = one.folder / "manifest";
      sets[1].push_back(try_arm(one, evaluation));
    }
    write_report(options, sets);
    options.said(one.name() + ": done");
  }
  return true;
}

}  // namespace punctum
