#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "inference/evaluation/trial.hpp"

namespace punctum {

/// `punctum evaluate --model DIR [--seeds A..B | --manifest FILE] [--out DIR]`
struct EvaluateOptions {
  std::filesystem::path model;
  std::uint64_t first_seed = 900'000;
  std::uint64_t last_seed = 900'049;   ///< included
  bool zero_shot = false;              ///< stones and cysts as well as the usual lesions
  std::filesystem::path manifest;      ///< of real lesions, instead of phantoms
  std::vector<std::string> splits;     ///< of the manifest; none: test and zero-shot
  std::size_t cases = 0;               ///< 0: all
  int clicks = 10;                     ///< simulated per lesion
  std::vector<std::string> protocols;  ///< names; none: all
  std::uint64_t seed = 1;              ///< of the simulated reader
  std::string device = "auto";
  std::vector<std::string> trusted{};  ///< SHA-256 of TorchScript programs that may run
  int threads = 0;
  std::filesystem::path out;  ///< trials, results, report and pictures; empty: only standard output
  int worst = 6;              ///< pictures of lesions with the lowest DSC
  bool json = false;          ///< one JSON object on standard output instead of text
  bool fit = false;           ///< fit temperatures and abstention thresholds and write them into the model's manifest
};

/// Segments lesions of known truth in memory with simulated clicks, as a model or a baseline of a study does. With
/// options.out the trials (from which an interrupted run goes on), results, report and pictures are written there.
/// @throws ModelError, StorageError
EvaluationRun evaluate_model(const EvaluateOptions& options);

/// Evaluates and says how good mask and attributes are: see inference/evaluation/README.md. @return 0. @throws as above
int run_evaluate(const EvaluateOptions& options);

/// `punctum evaluate --compare A/results.json B/results.json`: the second less the first, lesion by lesion.
/// @return 0. @throws StorageError
int run_compare(const std::filesystem::path& first, const std::filesystem::path& second, bool json);

}  // namespace punctum
