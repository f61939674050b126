#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "inference/evaluation/click_scores.hpp"

namespace punctum {

/// One number of two runs on the lesions that both tried.
struct ComparedValue {
  std::string what;  ///< "DSC after 3 clicks"
  std::size_t lesions = 0;
  bool more_is_better = true;
  PairedDifference values;
};

struct RunComparison {
  std::string first, second;  ///< models
  std::string protocol;       ///< the first that both have
  std::size_t lesions = 0;    ///< in both
  std::size_t only_first = 0, only_second = 0;
  std::vector<ComparedValue> values;
};

/// Paired bootstrap over patients, lesion by lesion. @throws StorageError if the runs share no lesion and protocol.
RunComparison compare_runs(const EvaluationRun& first, const EvaluationRun& second);

nlohmann::ordered_json as_json(const RunComparison& comparison);
std::string as_markdown(const RunComparison& comparison);

}  // namespace punctum
