#pragma once

#include <functional>
#include <string>
#include <vector>

#include "inference/evaluation/trial.hpp"

namespace punctum {

class TrialLog;

struct EvaluationSettings {
  std::vector<std::string> protocols{"jittered"};
  std::size_t cases = 0;  ///< stop after the series in which so many lesions are reached; 0: all
};

/// Where an evaluation stands.
struct EvaluationProgress {
  std::size_t series_done = 0, series_count = 0, lesions = 0;
  double seconds_left = 0;  ///< at the rate so far, of series that were not already known
  const EvaluationRun* run = nullptr;
};

/// Tries every lesion of the source and adds the trials to the run; what the log knows is not tried again.
/// @param log may be null. @param report is called after every series; if it returns false, the evaluation ends there.
/// @throws ModelError, GeometryError, StorageError
void evaluate(Segmenter& segmenter, const CaseSource& source, const EvaluationSettings& settings, EvaluationRun& run,
              TrialLog* log, const std::function<bool(const EvaluationProgress&)>& report = {});

}  // namespace punctum
