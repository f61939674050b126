#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <variant>
#include <vector>

#include "inference/model/network_config.hpp"

namespace punctum {

/// A baseline of the paper's tables 2 and 3, by all its hyper-parameters.
struct BaselineConfig {
  std::string baseline = "unet";  ///< "unet" marks lesions, "cnn" names their attributes
  std::string name = "compact";   ///< the size whose parameter count it comes near
  int crop = 48;                  ///< voxels per side
  std::vector<double> spacings_mm{1.5, 3.0};
  double detail_mm = 0;       ///< as the network's
  std::vector<int> channels;  ///< level by level, each half as fine as the one before
  std::vector<int> attribute_groups{4, 3, 2, 2, 2};

  /// @throws ModelError for a baseline or size that there is none of.
  static BaselineConfig named(const std::string& baseline, const std::string& size);
  /// @throws ModelError naming the first field that cannot be.
  void check() const;
};

void to_json(nlohmann::json& json, const BaselineConfig& config);
/// @throws ModelError on a missing, unknown or mistyped field.
void from_json(const nlohmann::json& json, BaselineConfig& config);

/// What a training, a checkpoint and a study name: the paper's network in one of its variants, or a baseline.
struct Architecture {
  std::variant<NetworkConfig, BaselineConfig> config;

  const NetworkConfig* network() const { return std::get_if<NetworkConfig>(&config); }
  const BaselineConfig* baseline() const { return std::get_if<BaselineConfig>(&config); }
  const std::string& name() const;
  int crop() const;
  const std::vector<double>& spacings_mm() const;
  double detail_mm() const;
  const std::vector<int>& attribute_groups() const;
  bool marks() const;                                ///< gives masks
  bool names() const;                                ///< gives attributes
  bool rates() const;                                ///< estimates the quality of its masks
  bool operator==(const Architecture& other) const;  ///< the same in every hyper-parameter
};

/// @param size "tiny", "compact" or "base". @param variant "vanilla", "refinement", "synergy" or "full" (the rows of
/// the paper's tables), "unet" or "cnn". @throws ModelError for another name.
Architecture architecture_named(const std::string& size, const std::string& variant);

/// The same with other values of some hyper-parameters. @throws ModelError for a name or value that cannot be.
Architecture with_changes(const Architecture& architecture, const std::map<std::string, double>& changes);

/// Networks have no field "baseline", so each is known by its own.
void to_json(nlohmann::json& json, const Architecture& architecture);
void from_json(const nlohmann::json& json, Architecture& architecture);

}  // namespace punctum
