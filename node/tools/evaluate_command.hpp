#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace punctum {

/// `punctum evaluate --model DIR --seeds A..B [--clicks N]`
struct EvaluateOptions {
  std::filesystem::path model;
  std::uint64_t first_seed = 900'000;
  std::uint64_t last_seed = 900'049;  ///< included
  int clicks = 5;                     ///< simulated per lesion
  std::string device = "auto";
  int threads = 0;
  bool json = false;  ///< one JSON object on standard output instead of text
};

/// Segments phantom cases in memory with simulated clicks and prints overlap, surface distance and the attributes'
/// accuracy beside that of always naming the commonest label. @return 0. @throws ModelError
int run_evaluate(const EvaluateOptions& options);

}  // namespace punctum
