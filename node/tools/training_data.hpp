#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "inference/training/training_source.hpp"
#include "node/tools/training_config.hpp"

namespace punctum {

/// Reads CTs, masks and shapes and makes them sources of crops. Needs a DcmtkRuntime while it runs.
/// Rendered lesions go into the training CTs of the manifest, if one is given (their own lesions stay free), and into
/// the backgrounds. @param folder holds the voxels of real lesions' images while the sources live; made if missing.
/// @param said for progress. @throws what the readers throw, ConfigError without a training entry.
std::vector<TrainingSource> training_sources(const std::vector<TrainingDataConfig>& data,
                                             const std::filesystem::path& folder,
                                             const std::function<void(const std::string&)>& said);

}  // namespace punctum
