#include "inference/baselines/architecture.hpp"

#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>

#include "dicom/types/error.hpp"

namespace punctum {
namespace {

template <class Config, class Visit>
void each_field(Config& c, Visit visit) {
  visit("baseline", c.baseline);
  visit("name", c.name);
  visit("crop", c.crop);
  visit("spacings_mm", c.spacings_mm);
  visit("detail_mm", c.detail_mm);
  visit("channels", c.channels);
  visit("attribute_groups", c.attribute_groups);
}

void require(bool holds, const std::string& what) {
  if (!holds) throw ModelError("cannot build baseline: " + what);
}

[[noreturn]] void refuse_field(std::string_view name, std::string_view complaint) {
  std::string text = "cannot build baseline: architecture field '";
  text.append(name).append("' ").append(complaint);
  throw ModelError(text);
}

/// Chosen so that the parameters come near those of the network of that size: 1.0, 3.6 and 100 million.
std::vector<int> channels_of(bool unet, const std::string& size) {
  if (size == "tiny") return unet ? std::vector{8, 16, 32, 64, 80} : std::vector{16, 32, 64, 128};
  if (size == "compact") return unet ? std::vector{16, 32, 64, 128, 128} : std::vector{32, 64, 128, 256};
  return unet ? std::vector{64, 128, 256, 512, 1024} : std::vector{96, 192, 384, 768, 1152};
}

}  // namespace

BaselineConfig BaselineConfig::named(const std::string& baseline, const std::string& size) {
  const auto network = NetworkConfig::named(size);
  BaselineConfig c;
  c.baseline = baseline;
  c.name = size;
  c.crop = network.crop;
  c.spacings_mm = network.spacings_mm;
  c.detail_mm = network.detail_mm;
  c.attribute_groups = network.attribute_groups;
  c.channels = channels_of(baseline == "unet", size);
  c.check();
  return c;
}

void BaselineConfig::check() const {
  require(baseline == "unet" || baseline == "cnn", "it is '" + baseline + "', expected 'unet' or 'cnn'");
  require(channels.size() >= 2 && channels.size() <= 6, "channels must be of 2 to 6 levels");
  for (const int n : channels)
    require(n >= 4 && n <= 4096 && n % 4 == 0, "channels must be multiples of 4, up to 4096");
  const int finest = 1 << (channels.size() - (baseline == "unet" ? 1 : 0));
  require(crop >= finest && crop <= 256 && crop % finest == 0,
          "crop is " + std::to_string(crop) + ", expected a multiple of " + std::to_string(finest) + " up to 256");
  require(!spacings_mm.empty() && !attribute_groups.empty(), "no spacings or no attribute groups");
  for (const double spacing : spacings_mm) require(spacing > 0.1 && spacing < 20, "a spacing is not 0.1 to 20 mm");
  require(detail_mm == 0 || (detail_mm > 0.1 && detail_mm < spacings_mm.front()),
          "detail_mm is neither 0 nor from 0.1 mm to below the finest spacing");
  for (const int group : attribute_groups) require(group >= 2 && group <= 64, "a group has not 2 to 64 labels");
}

void to_json(nlohmann::json& json, const BaselineConfig& config) {
  json = nlohmann::json::object();
  each_field(config, [&](const char* name, const auto& field) { json[name] = field; });
}

void from_json(const nlohmann::json& json, BaselineConfig& config) {
  std::size_t fields = 0;
  each_field(config, [&](const char* name, auto& field) {
    ++fields;
    if (!json.contains(name)) {
      if (name == std::string_view("detail_mm")) return --fields, void();  // younger than the first manifests
      refuse_field(name, "is missing");
    }
    try {
      json.at(name).get_to(field);
    } catch (const nlohmann::json::exception&) {
      refuse_field(name, "has the wrong type");
    }
  });
  require(json.size() == fields, "it has an unknown field");
  config.check();
}

const std::string& Architecture::name() const {
  return std::visit([](const auto& c) -> const std::string& { return c.name; }, config);
}

int Architecture::crop() const {
  return std::visit([](const auto& c) { return c.crop; }, config);
}

const std::vector<double>& Architecture::spacings_mm() const {
  return std::visit([](const auto& c) -> const std::vector<double>& { return c.spacings_mm; }, config);
}

double Architecture::detail_mm() const {
  return std::visit([](const auto& c) { return c.detail_mm; }, config);
}

const std::vector<int>& Architecture::attribute_groups() const {
  return std::visit([](const auto& c) -> const std::vector<int>& { return c.attribute_groups; }, config);
}

bool Architecture::marks() const { return baseline() == nullptr || baseline()->baseline == "unet"; }
bool Architecture::names() const { return baseline() == nullptr || baseline()->baseline == "cnn"; }
bool Architecture::rates() const { return baseline() == nullptr; }

bool Architecture::operator==(const Architecture& other) const {
  return nlohmann::json(*this) == nlohmann::json(other);
}

Architecture with_changes(const Architecture& architecture, const std::map<std::string, double>& changes) {
  nlohmann::json json = architecture;
  for (const auto& [name, value] : changes) {
    if (!json.contains(name) || !json.at(name).is_number()) {
      throw ModelError("cannot build network: found \"" + name + "\", expected the name of a numeric hyper-parameter");
    }
    const bool whole = json.at(name).is_number_integer();
    if (whole && std::floor(value) != value) {
      throw ModelError("cannot build network: found " + std::to_string(value) + " for \"" + name +
                       "\", expected a whole number");
    }
    json[name] = value;
  }
  return json.get<Architecture>();
}

Architecture architecture_named(const std::string& size, const std::string& variant) {
  if (variant == "unet" || variant == "cnn") return {BaselineConfig::named(variant, size)};
  auto config = NetworkConfig::named(size);
  config.refinement = variant == "refinement" || variant == "full";
  config.synergy = variant == "synergy" || variant == "full";
  if (!config.refinement && !config.synergy && variant != "vanilla") {
    throw ModelError("cannot build a network of variant '" + variant +
                     "': expected vanilla, refinement, synergy, full, unet or cnn");
  }
  return {config};
}

void to_json(nlohmann::json& json, const Architecture& architecture) {
  std::visit([&](const auto& c) { to_json(json, c); }, architecture.config);
}

void from_json(const nlohmann::json& json, Architecture& architecture) {
  if (json.is_object() && json.contains("baseline")) {
    architecture.config = json.get<BaselineConfig>();
  } else {
    architecture.config = json.get<NetworkConfig>();
  }
}

}  // namespace punctum
