#pragma once

#include <filesystem>

#include "inference/adopt.hpp"

namespace punctum {

/// `punctum adopt WEIGHTS --licence SPDX -o FOLDER`
struct AdoptOptions {
  ForeignWeights weights;
  std::filesystem::path folder;  ///< becomes a model
  bool json = false;
};

/// @return 0. @throws as adopt_weights does
int run_adopt(const AdoptOptions& options);

}  // namespace punctum
