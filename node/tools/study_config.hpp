#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "node/tools/training_config.hpp"

namespace punctum {

/// What every arm is tried on after its training.
struct StudyEvaluation {
  std::uint64_t first_seed = 900'000, last_seed = 900'039;  ///< of phantoms, never trained on
  bool zero_shot = false;                                   ///< stones and cysts, too
  std::filesystem::path manifest;                           ///< of real lesions besides, or empty
  std::vector<std::string> splits;                          ///< of the manifest; none: test and zero-shot
  int clicks = 5;
};

/// What is compared.
struct TrainedArm {
  std::string name;                         ///< in tables and folders
  std::string variant;                      ///< of training
  std::map<std::string, double> network{};  ///< hyper-parameters of its own (TrainOptions)
};

/// Arms trained under one budget on the same data, crops and clicks, seed by seed, and tried on the same lesions.
struct StudyConfig {
  std::vector<TrainedArm> arms;    ///< by default all variants and baselines
  int seeds = 3;                   ///< trainings an arm
  std::uint64_t first_seed = 1;    ///< of the trainings
  std::string reference = "full";  ///< differences are from this arm; where there is none of this name, from the first
  TrainingConfig training;         ///< of all arms; variant, network and seed are theirs
  StudyEvaluation evaluation;
};

/// Strict JSON (inference/training/README.md); relative paths count from the file's own folder.
/// @throws ConfigError naming the JSON pointer, what was found and what was expected; StorageError.
StudyConfig read_study_config(const std::filesystem::path& file);

}  // namespace punctum
