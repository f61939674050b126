#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace punctum {

/// One task of the Medical Segmentation Decathlon, as its dataset.json describes it.
struct DecathlonTask {
  std::string name;
  std::string licence;  ///< SPDX where it is the one that the Decathlon has
  std::vector<std::pair<int, std::string>> lesion_labels;
  struct Pair {
    std::string name;
    std::filesystem::path image, labels;
  };
  std::vector<Pair> training;
};

/// @throws ConfigError if dataset.json is missing, damaged or not of CT.
DecathlonTask read_decathlon(const std::filesystem::path& folder);

}  // namespace punctum
