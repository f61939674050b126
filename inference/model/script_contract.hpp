#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

namespace punctum {

/// What the manifest of a TorchScript program says of it, in place of an architecture.
struct ScriptContract {
  int crop = 48;                         ///< voxels per side of the cube that it sees
  std::vector<double> spacings_mm{1.5};  ///< voxel sizes it was trained at, finest first
  std::vector<int> attribute_groups{4, 3, 2, 2, 2};

  /// @throws ModelError naming the first field that cannot be.
  void check() const;
};

void to_json(nlohmann::json& json, const ScriptContract& contract);
/// @throws ModelError on a missing, unknown or mistyped field.
void from_json(const nlohmann::json& json, ScriptContract& contract);

}  // namespace punctum
