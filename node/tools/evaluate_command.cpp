#include "node/tools/evaluate_command.hpp"

#include <algorithm>
#include <chrono>
#include <format>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>

#include "inference/baselines/evaluated_model.hpp"
#include "inference/evaluation/calibration.hpp"
#include "inference/evaluation/compare.hpp"
#include "inference/evaluation/evaluate.hpp"
#include "inference/evaluation/phantom_cases.hpp"
#include "inference/evaluation/report.hpp"
#include "inference/evaluation/report_charts.hpp"
#include "inference/evaluation/trial_json.hpp"
#include "node/tools/files.hpp"
#include "node/tools/manifest_cases.hpp"
#include "node/tools/worst_lesions.hpp"

namespace punctum {
namespace {

using Clock = std::chrono::steady_clock;

void write_text(const std::filesystem::path& path, const std::string& text) {
  write_file_bytes(path, std::as_bytes(std::span(text)));
}

std::vector<std::string> names_of(const std::vector<std::string>& wanted) {
  if (!wanted.empty()) return wanted;
  std::vector<std::string> all;
  for (const auto& protocol : protocols()) all.emplace_back(protocol.name);
  return all;
}

CaseSource source_of(const EvaluateOptions& options) {
  if (!options.manifest.empty()) return manifest_cases(options.manifest, options.splits);
  const auto usual = phantom_cases(options.first_seed, options.last_seed);
  if (!options.zero_shot) return usual;
  return alternating(usual, zero_shot_phantom_cases(options.first_seed, options.last_seed));
}

EvaluationRun begin_run(const EvaluateOptions& options, const EvaluatedModel& evaluated, const CaseSource& source) {
  const auto& model = evaluated.segmenter->model();
  EvaluationRun run;
  run.model = model.name;
  run.version = model.version;
  run.digest = model.digest.hex;
  run.mask_level = model.mask_level;
  run.marks = evaluated.marks;
  std::copy_n(evaluated.temperatures.begin(), attribute_count, run.temperatures.begin());
  std::copy_n(evaluated.abstain_below.begin(), attribute_count, run.abstain_below.begin());
  run.data = source.data;
  run.data_digest = source.digest;
  run.clicks = options.clicks;
  run.seed = options.seed;
  return run;
}

/// A line on standard error every few seconds.
class ProgressLines {
 public:
  bool operator()(const EvaluationProgress& progress) {
    const bool last = progress.series_done == progress.series_count;
    if (!last && Clock::now() - shown_ < std::chrono::seconds(10)) return true;
    shown_ = Clock::now();
    const auto trials = trials_of(*progress.run, headline_of(*progress.run));
    std::string line =
        std::format("{} of {} series, {} lesions", progress.series_done, progress.series_count, progress.lesions);
    for (const int clicks : {1, 3, 5}) {
      if (!progress.run->marks) break;
      double sum = 0;
      for (const auto* trial : trials) sum += trial->after(clicks).dice;
      if (!trials.empty())
        line += std::format("{}{:.3f}", clicks == 1 ? ", DSC " : " / ", sum / static_cast<double>(trials.size()));
    }
    std::cerr << line << std::format(", {:.0f} s left\n", progress.seconds_left) << std::flush;
    return true;
  }

 private:
  Clock::time_point shown_ = Clock::now();
};

nlohmann::ordered_json results_of(const EvaluationRun& run, const EvaluationReport& report) {
  auto json = heading_json(run);
  json["summary"] = as_json(report);
  auto& trials = json["trials"] = nlohmann::ordered_json::array();
  for (const auto& trial : run.trials) trials.push_back(as_json(trial));
  auto& plain = json["plain_tissue"] = nlohmann::ordered_json::array();
  for (const auto& click : run.plain) plain.push_back(as_json(click));
  return json;
}

void write_all(const EvaluateOptions& options, Segmenter& segmenter, const CaseSource& source, const EvaluationRun& run,
               const EvaluationReport& report, const nlohmann::ordered_json& results) {
  write_text(options.out / "results.json", results.dump(1) + "\n");
  auto text = as_markdown(report) + "## Pictures\n\n";
  if (report.marks) {
    write_text(options.out / "click-curves.svg", click_curves(report));
    text += "![DSC over clicks](click-curves.svg)\n";
  }
  if (!report.attributes.empty() || report.marks) {
    write_text(options.out / "reliability.svg", reliability_diagrams(report));
    text += "![Reliability](reliability.svg)\n";
  }
  if (!report.attributes.empty()) {
    write_text(options.out / "risk-coverage.svg", risk_coverage_curves(report));
    text += "![Risk and coverage](risk-coverage.svg)\n";
  }
  write_text(options.out / "report.md", text);
  const auto count = static_cast<std::size_t>(report.marks ? std::max(0, options.worst) : 0);
  const auto pictures = draw_worst_lesions(segmenter, source, run, count, options.out);
  if (!pictures.empty()) text += "\nThe lesions with the lowest DSC after the first click:\n\n";
  for (const auto& name : pictures) text += "![" + name + "](" + name + ")\n";
  write_text(options.out / "report.md", text);
}

void fit(const EvaluateOptions& options, const EvaluationRun& run) {
  const auto calibration = fit_calibration(run);
  write_calibration(options.model / "manifest.json", calibration, run);
  std::cerr << "written to " << (options.model / "manifest.json").string()
            << "\nattribute       temperature  ECE before  after  abstain below  answers given  right of these\n";
  for (std::size_t a = 0; a < attribute_count; ++a) {
    const auto& c = calibration.attributes[a];
    if (!c.is_fitted()) {
      std::cerr << std::format("{:14}  {:11.3f}  as before: {} answers with a known label, {} needed\n",
                               attribute_vocabulary()[a].name, c.temperature, c.answers, fewest_answers);
      continue;
    }
    std::cerr << std::format("{:14}  {:11.3f}  {:10.3f}  {:5.3f}  {:13.3f}  {:11.1f} %  {:14.3f}\n",
                             attribute_vocabulary()[a].name, c.temperature, c.before.ece, c.after.ece, c.abstain_below,
                             100 * c.selective.coverage, c.selective.accuracy);
  }
}

}  // namespace

EvaluationRun evaluate_model(const EvaluateOptions& options) {
  SegmenterOptions chosen{options.model, options.device, options.threads};
  chosen.allowed_scripts = options.trusted;
  const auto model = load_for_evaluation(chosen);
  const auto source = source_of(options);
  auto run = begin_run(options, model, source);
  std::optional<TrialLog> log;
  if (!options.out.empty()) {
    std::filesystem::create_directories(options.out);
    log.emplace(options.out / "trials.jsonl", run);
  }
  evaluate(*model.segmenter, source, {names_of(options.protocols), options.cases}, run, log ? &*log : nullptr,
           ProgressLines());
  if (options.out.empty()) return run;
  const auto report = report_on(run);
  write_all(options, *model.segmenter, source, run, report, results_of(run, report));
  return run;
}

int run_evaluate(const EvaluateOptions& options) {
  const auto run = evaluate_model(options);
  const auto report = report_on(run);
  if (options.fit) fit(options, run);
  std::cout << (options.json ? results_of(run, report).dump(2) + "\n" : as_text(report));
  return 0;
}

int run_compare(const std::filesystem::path& first, const std::filesystem::path& second, bool json) {
  const auto comparison = compare_runs(read_run(first), read_run(second));
  std::cout << (json ? as_json(comparison).dump(2) + "\n" : as_markdown(comparison));
  return 0;
}

}  // namespace punctum
