#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "dicom/types/digest.hpp"

namespace punctum {

/// Weights from elsewhere, and what nobody but their owner can say of them.
struct ForeignWeights {
  std::filesystem::path file;  ///< SAM-Med3D's tensors (.safetensors), or a TorchScript program (.pt, .ts)
  std::string name;            ///< empty: "sam-med3d", or the program's file name
  std::string version = "1";
  std::string licence;           ///< SPDX expression
  std::string use = "research";  ///< "commercial" or "research"
  std::string statement;         ///< what they were trained on; empty: nothing is known of it
  double mask_level = 0;         ///< logits above it are lesion
  int crop = 48;                 ///< of a program: voxels per side
  std::vector<double> spacings_mm{1.5};
  bool attributes = false;  ///< a program whose attributes are worth reporting
};

struct AdoptedModel {
  std::string name;
  Digest digest;
  int crop = 0;
  bool is_program = false;
};

/// Makes a model folder of them, which must not be one yet. Weights are loaded once, so that what does not fit is said
/// now; a program is not even opened, because opening it means trusting it.
/// @throws ModelError, ConfigError for another kind of file or a folder that holds a model, StorageError
AdoptedModel adopt_weights(const ForeignWeights& weights, const std::filesystem::path& folder);

}  // namespace punctum
