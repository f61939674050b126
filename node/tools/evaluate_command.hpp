#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace punctum {

/// `punctum evaluate --model DIR [--seeds A..B | --manifest FILE] [--out DIR]`
struct EvaluateOptions {
  std::filesystem::path model;
  std::uint64_t first_seed = 900'000;
  std::uint64_t last_seed = 900'049;   ///< included
  std::size_t cases = 0;               ///< 0: all
  int clicks = 10;                     ///< simulated per lesion
  std::vector<std::string> protocols;  ///< names; none: all
  std::uint64_t seed = 1;              ///< of the simulated reader
  std::string device = "auto";
  int threads = 0;
  std::filesystem::path out;  ///< trials, results, report and pictures; empty: only standard output
  int worst = 6;              ///< pictures of lesions with the lowest DSC
  bool json = false;          ///< one JSON object on standard output instead of text
};

/// Segments lesions of known truth in memory with simulated clicks and says how good mask and attributes are: see
/// inference/evaluation/README.md. @return 0. @throws ModelError, StorageError
int run_evaluate(const EvaluateOptions& options);

}  // namespace punctum
