#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

#include "inference/evaluation/trial.hpp"

namespace punctum {

nlohmann::ordered_json as_json(const CaseTrial& trial);
nlohmann::ordered_json as_json(const PlainClick& click);
/// The run without its trials and plain clicks.
nlohmann::ordered_json heading_json(const EvaluationRun& run);

/// @throws StorageError naming the file if it holds no evaluation of this program.
EvaluationRun read_run(const std::filesystem::path& results_json);

/// Trials as they come, a line each, so that an evaluation that was interrupted goes on where it stood.
class TrialLog {
 public:
  /// Reads what finished earlier. @throws StorageError if the file holds another run: other weights, clicks or seed.
  TrialLog(std::filesystem::path file, const EvaluationRun& run);

  /// The finished trials of one series, if it was tried as a whole by all of these protocols.
  std::optional<SeriesTrials> finished(const std::string& series, const std::vector<std::string>& protocols) const;
  /// @throws StorageError
  void append(const std::string& series, const std::vector<std::string>& protocols, const SeriesTrials& tried);

 private:
  struct Finished {
    std::string series;
    std::vector<std::string> protocols;
    SeriesTrials tried;
  };
  std::filesystem::path file_;
  std::vector<Finished> finished_;
};

}  // namespace punctum
