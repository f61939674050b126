#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "inference/training/train_options.hpp"
#include "inference/training/training_source.hpp"

namespace punctum {

struct TrainReport {
  std::int64_t steps = 0;
  double samples_per_second = 0;
  double loss = 0;                      ///< segmentation, or attributes of a network without masks; last steps' mean
  std::vector<double> validation_dice;  ///< of the first source, after click 1, 2, ...; none without masks
};

using TrainLog = std::function<void(const std::string& line)>;

/// Trains until options.steps or until stop() says so; goes on from the folder's checkpoint. The folder gets
/// checkpoint.pt (weights, their average, optimizer, step), progress.jsonl (a line for every 50 steps and every
/// validation) and curves.svg. Which crops, clicks and augmentations a step sees follows from seed and step alone, so
/// that a resumed training equals an uninterrupted one bit for bit on the CPU.
/// @param provenance JSON that goes into the manifest: command and what else there is to say.
/// @throws ConfigError for options or sources that cannot be, ModelError for a checkpoint of another architecture or a
/// loss that is no number, StorageError.
TrainReport train(const TrainOptions& options, const std::vector<TrainingSource>& sources,
                  const std::filesystem::path& folder, const std::string& provenance, const TrainLog& log,
                  const std::function<bool()>& stop = {});

}  // namespace punctum
