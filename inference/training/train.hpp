#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "inference/training/training_crop.hpp"

namespace punctum {

struct TrainOptions {
  std::filesystem::path folder = "build/training";  ///< checkpoint.pt (resumed from if there) and train.log
  std::string size = "compact";                     ///< "compact" or "base"
  std::uint64_t seed = 1;
  std::int64_t steps = 12000;       ///< in all, those before a resume included
  std::int64_t decay_steps = 3000;  ///< the last ones, over which the learning rate falls to nothing
  std::int64_t warmup_steps = 300;
  int batch = 4;
  double learning_rate = 1e-3;
  double weight_decay = 0.05;
  double ema = 0.998;  ///< memory of the averaged weights, which are the ones that are kept
  int threads = 1;     ///< compute threads; the generator has one of its own
  std::string device = "auto";
  double checkpoint_minutes = 5;
  std::int64_t validate_every = 500;  ///< steps
  int validation_crops = 40;
  std::size_t pool_crops = 1200;
  double uses_per_crop = 6;
  bool refinement = true;  ///< variants of the paper's tables
  bool synergy = true;
  std::string command;  ///< as typed; goes into the manifest
};

struct TrainReport {
  std::int64_t steps = 0;
  double samples_per_second = 0;
  double loss = 0;                      ///< segmentation, mean of the last steps
  std::vector<double> validation_dice;  ///< after click 1, 2, ...
};

using TrainLog = std::function<void(const std::string& line)>;

/// Trains until options.steps or until stop() says so, with checkpoints; goes on from the folder's checkpoint.
/// Weights, optimizer, random numbers and step are resumed; the pool of crops is filled anew from the next seed.
/// @throws ModelError for options that fit nothing or a checkpoint of another architecture, StorageError.
TrainReport train(const TrainOptions& options, const CropSource& source, const TrainLog& log,
                  const std::function<bool()>& stop = {});

/// Synthetic lesions as crops. Requests for evaluation seeds are honoured: who trains does not make them.
CropSource phantom_source();

/// Writes weights.safetensors and manifest.json of a checkpoint's averaged weights, evaluated on held-out phantoms.
/// @param evaluation_crops how many of the seeds from 900000 on.
void export_checkpoint(const std::filesystem::path& checkpoint, const std::filesystem::path& folder,
                       const std::string& version, int evaluation_crops, const TrainLog& log);

}  // namespace punctum
