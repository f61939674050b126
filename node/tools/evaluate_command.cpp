#include "node/tools/evaluate_command.hpp"

#include <chrono>
#include <format>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "inference/evaluation/evaluate.hpp"
#include "inference/evaluation/phantom_cases.hpp"
#include "inference/evaluation/report.hpp"
#include "inference/evaluation/trial_json.hpp"
#include "inference/model/manifest.hpp"
#include "node/tools/files.hpp"

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

EvaluationRun begin_run(const EvaluateOptions& options, const ModelIdentity& model, const CaseSource& source) {
  EvaluationRun run;
  run.model = model.name;
  run.version = model.version;
  run.digest = model.digest.hex;
  const auto manifest = read_manifest(options.model / "manifest.json");
  std::copy_n(manifest.temperatures.begin(), attribute_count, run.temperatures.begin());
  run.data = source.data;
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
    const auto trials = trials_of(*progress.run, progress.run->trials.empty() ? "" : progress.run->trials[0].protocol);
    std::string line =
        std::format("{} of {} series, {} lesions", progress.series_done, progress.series_count, progress.lesions);
    for (const int clicks : {1, 3, 5}) {
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
  return json;
}

}  // namespace

int run_evaluate(const EvaluateOptions& options) {
  const auto segmenter = Segmenter::load({options.model, options.device, options.threads});
  const auto source = phantom_cases(options.first_seed, options.last_seed);
  auto run = begin_run(options, segmenter->model(), source);
  std::optional<TrialLog> log;
  if (!options.out.empty()) {
    std::filesystem::create_directories(options.out);
    log.emplace(options.out / "trials.jsonl", run);
  }
  evaluate(*segmenter, source, {names_of(options.protocols), options.cases}, run, log ? &*log : nullptr,
           ProgressLines());
  const auto report = report_on(run);
  const auto results = results_of(run, report);
  if (!options.out.empty()) {
    write_text(options.out / "results.json", results.dump(1) + "\n");
    write_text(options.out / "report.md", as_markdown(report));
  }
  std::cout << (options.json ? results.dump(2) + "\n" : as_text(report));
  return 0;
}

}  // namespace punctum
