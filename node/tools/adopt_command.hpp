#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace punctum {

/// `punctum adopt WEIGHTS --licence SPDX -o FOLDER`
struct AdoptOptions {
  std::filesystem::path weights;  ///< safetensors in SAM-Med3D's naming, or a TorchScript program (.pt, .ts)
  std::filesystem::path folder;   ///< becomes a model: weights and manifest
  std::string name;               ///< empty: "sam-med3d", or the program's file name
  std::string version = "1";
  std::string licence;           ///< SPDX expression
  std::string use = "research";  ///< "commercial" or "research"
  std::string statement;         ///< what they were trained on; empty: nothing is known of it
  double mask_level = 0;         ///< logits above it are lesion
  int crop = 48;                 ///< of a program: voxels per side
  std::vector<double> spacings_mm{1.5};
  bool attributes = false;  ///< a program whose attributes are worth reporting
  bool json = false;
};

/// Makes a model of weights from elsewhere. Weights are loaded once, so that what does not fit is said now; a program
/// is not even opened, because opening it means trusting it. @return 0. @throws ModelError, ConfigError, StorageError
int run_adopt(const AdoptOptions& options);

}  // namespace punctum
