#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "inference/training/train_options.hpp"

namespace punctum {

/// One entry of `data` in a training configuration, not read yet.
struct TrainingDataConfig {
  std::string kind = "phantoms";                   ///< "phantoms", "rendered" or "lesions"
  std::string name = "phantoms";                   ///< in log and manifest; the kind by default
  double share = 1;                                ///< of the samples, relative to the other entries
  double coarse_share = 0.25;                      ///< at the coarser spacing
  double detail_share = 0;                         ///< at the spacing of the closer look
  double background_share = 0.15;                  ///< clicks into plain tissue
  std::filesystem::path manifest;                  ///< lesions: of punctum dataset; rendered: CTs with their lesions
  std::vector<std::filesystem::path> backgrounds;  ///< rendered: folders with one CT series each
  int phantom_backgrounds = 0;                     ///< rendered: so many phantoms as backgrounds
  bool soften = false;                             ///< rendered: a blurred copy beside every CT (phantoms are soft)
  std::vector<std::filesystem::path> shapes;       ///< rendered: label images or packs
  std::string licence, statement;                  ///< of the data; needed but for phantoms
};

struct TrainingConfig {
  TrainOptions options;
  std::vector<TrainingDataConfig> data;
};

/// One JSON document of a file. @throws ConfigError where it is none, StorageError.
nlohmann::json read_json_file(const std::filesystem::path& file);

/// Part of a document. @param pointer where it stands, for messages. @param folder relative paths count from here.
TrainingConfig training_config_of(const nlohmann::json& json, const std::string& pointer,
                                  const std::filesystem::path& folder);

/// Strict JSON (inference/training/README.md); relative paths count from the file's own folder.
/// @throws ConfigError naming the JSON pointer, what was found and what was expected; StorageError.
TrainingConfig read_training_config(const std::filesystem::path& file);

/// An object of numbers by name, such as the hyper-parameters of a network that are not those of its size.
/// @throws ConfigError
std::map<std::string, double> numbers_by_name(const nlohmann::json& json, const std::string& pointer);

}  // namespace punctum
