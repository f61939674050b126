#include "inference/evaluation/evaluate.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "dicom/types/error.hpp"
#include "inference/evaluation/plain_tissue.hpp"
#include "inference/evaluation/run_trial.hpp"
#include "inference/evaluation/trial_json.hpp"

namespace punctum {
namespace {

using Clock = std::chrono::steady_clock;

std::vector<const Protocol*> named(const std::vector<std::string>& names) {
  std::vector<const Protocol*> wanted;
  for (const auto& name : names) {
    const auto* protocol = protocol_named(name);
    if (protocol == nullptr) throw ModelError("cannot evaluate: there is no protocol '" + name + "'");
    wanted.push_back(protocol);
  }
  return wanted;
}

SeriesTrials try_series(Segmenter& segmenter, const CaseSource& source, std::size_t series,
                        const std::vector<const Protocol*>& wanted, const EvaluationRun& run) {
  SeriesTrials tried;
  const auto lesions = source.load(series);
  for (const auto& lesion : lesions) {
    if (!lesion.tried || lesion.truth.count() == 0) continue;
    for (const auto* protocol : wanted) {
      tried.lesions.push_back(run_trial(segmenter, lesion, *protocol, run.clicks, run.seed));
      tried.lesions.back().series = source.series[series];
    }
  }
  if (run.marks) tried.plain = click_plain_tissue(segmenter, lesions, source.series[series], run.seed);
  return tried;
}

}  // namespace

void evaluate(Segmenter& segmenter, const CaseSource& source, const EvaluationSettings& settings, EvaluationRun& run,
              TrialLog* log, const std::function<bool(const EvaluationProgress&)>& report) {
  const auto wanted = named(settings.protocols);
  EvaluationProgress progress{0, source.series.size(), 0, 0, &run};
  std::size_t tried = 0;
  double seconds = 0;
  for (std::size_t i = 0; i < source.series.size(); ++i) {
    if (settings.cases > 0 && progress.lesions >= settings.cases) break;
    auto known = log != nullptr ? log->finished(source.series[i], settings.protocols) : std::nullopt;
    if (!known) {
      const auto start = Clock::now();
      known = try_series(segmenter, source, i, wanted, run);
      if (log != nullptr) log->append(source.series[i], settings.protocols, *known);
      seconds += std::chrono::duration<double>(Clock::now() - start).count();
      ++tried;
    }
    progress.lesions += known->lesions.size() / std::max<std::size_t>(1, wanted.size());
    std::move(known->lesions.begin(), known->lesions.end(), std::back_inserter(run.trials));
    std::move(known->plain.begin(), known->plain.end(), std::back_inserter(run.plain));
    progress.series_done = i + 1;
    if (tried > 0) {
      double left = static_cast<double>(source.series.size() - i - 1);
      if (settings.cases > 0 && progress.lesions > 0) {
        const auto missing = static_cast<double>(settings.cases) - static_cast<double>(progress.lesions);
        left = std::clamp(missing * static_cast<double>(i + 1) / static_cast<double>(progress.lesions), 0.0, left);
      }
      progress.seconds_left = left * seconds / static_cast<double>(tried);
    }
    if (report && !report(progress)) break;
  }
}

}  // namespace punctum
