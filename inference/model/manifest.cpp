#include "inference/model/manifest.hpp"

#include <algorithm>

#include "dicom/findings/attribute_codes.hpp"
#include "dicom/types/error.hpp"
#include "inference/model/manifest_file.hpp"
#include "inference/model/manifest_format.hpp"
#include "inference/preprocess/hu_rule_name.hpp"

namespace punctum {
namespace {

constexpr const char* axis_order = "z,y,x";

nlohmann::json as_json(const CodedConcept& code) {
  return {{"value", code.value}, {"scheme", code.scheme}, {"meaning", code.meaning}};
}

nlohmann::json vocabularies() {
  auto all = nlohmann::json::array();
  for (std::size_t i = 0; i < attribute_count; ++i) {
    const auto attribute = static_cast<Attribute>(i);
    auto labels = nlohmann::json::array();
    for (std::size_t label = 0; label < attribute_vocabulary()[i].labels.size(); ++label) {
      labels.push_back(as_json(label_code(attribute, label)));
    }
    all.push_back({{"attribute", as_json(attribute_code(attribute))}, {"labels", labels}});
  }
  return all;
}

/// Manifests from before there were thresholds have none: then every answer counts.
std::vector<double> thresholds_of(const std::filesystem::path& path, const nlohmann::json& json, std::size_t groups) {
  auto thresholds = json.value("abstain_below", std::vector<double>(groups, 0));
  const bool good = thresholds.size() == groups &&
                    std::all_of(thresholds.begin(), thresholds.end(), [](double t) { return t >= 0 && t <= 1; });
  if (good) return thresholds;
  throw ModelError("cannot load model " + path.string() + ": found abstain_below " + json.at("abstain_below").dump() +
                   ", expected a probability for each of " + std::to_string(groups) + " attributes");
}

/// Manifests from before there was a level have none: then it is 0.
double mask_level_of(const std::filesystem::path& path, const nlohmann::json& json) {
  const double level = json.value("mask_level", 0.0);
  if (level > -12 && level < 12) return level;
  throw ModelError("cannot load model " + path.string() + ": found mask_level " + json.at("mask_level").dump() +
                   ", expected a logit between -12 and 12");
}

void expect(const std::filesystem::path& path, const nlohmann::json& json, const char* field,
            const nlohmann::json& wanted) {
  if (json.at(field) == wanted) return;
  throw ModelError("cannot load model " + path.string() + ": field '" + field + "' is " +
                   json.at(field).dump().substr(0, 200) + ", expected " + wanted.dump().substr(0, 200));
}

void refuse_baseline(const std::filesystem::path& path, const nlohmann::json& json) {
  if (json.value("format", "") != baseline_format) return;
  throw ModelError("cannot load model " + path.string() + ": it is the baseline \"" + json.value("name", "") +
                   "\" of a study, which punctum evaluate can measure but no node runs");
}

/// A program says which contract it keeps to.
std::variant<NetworkConfig, ScriptContract> architecture_of(const nlohmann::json& json) {
  if (json.contains("torchscript")) return json.get<ScriptContract>();
  return json.get<NetworkConfig>();
}

nlohmann::json architecture_json(const Manifest& manifest) {
  return std::visit([](const auto& architecture) { return nlohmann::json(architecture); }, manifest.architecture);
}

}  // namespace

int Manifest::crop() const {
  return std::visit([](const auto& a) { return a.crop; }, architecture);
}

const std::vector<int>& Manifest::attribute_groups() const {
  return std::visit([](const auto& a) -> const std::vector<int>& { return a.attribute_groups; }, architecture);
}

std::string_view Manifest::hu_rule() const {
  return network() != nullptr && network()->sammed3d_compat ? sammed3d_hu_rule_name : hu_rule_name;
}

Manifest read_manifest(const std::filesystem::path& path) {
  const auto json = read_manifest_file(path);
  try {
    refuse_baseline(path, json);
    expect(path, json, "format", model_format);
    expect(path, json, "axis_order", axis_order);
    expect(path, json, "vocabularies", vocabularies());
    Manifest manifest;
    manifest.architecture = architecture_of(json.at("architecture"));
    expect(path, json, "hu_rule", manifest.hu_rule());
    json.at("name").get_to(manifest.name);
    json.at("version").get_to(manifest.version);
    json.at("licence").get_to(manifest.licence);
    manifest.use = json.value("use", "research");  // who says nothing has not looked
    if (manifest.use != "commercial" && manifest.use != "research") {
      throw ModelError("cannot load model " + path.string() + ": found use \"" + manifest.use +
                       "\", expected commercial or research");
    }
    json.at("temperatures").get_to(manifest.temperatures);
    manifest.abstain_below = thresholds_of(path, json, manifest.attribute_groups().size());
    manifest.mask_level = mask_level_of(path, json);
    json.at("attributes_trained").get_to(manifest.attributes_trained);
    manifest.mask_quality_trained = json.value("mask_quality_trained", true);
    if (manifest.network() != nullptr && manifest.network()->sammed3d_compat &&
        (manifest.attributes_trained || manifest.mask_quality_trained)) {
      throw ModelError("cannot load model " + path.string() +
                       ": it says that attributes or quality are trained, which SAM-Med3D's network does not give");
    }
    json.at("weights").at("file").get_to(manifest.weights_file);
    json.at("weights").at("sha256").get_to(manifest.weights_digest.hex);
    manifest.training = json.at("training");
    manifest.metrics = json.at("metrics");
    if (manifest.temperatures.size() != manifest.attribute_groups().size()) {
      throw ModelError("cannot load model " + path.string() + ": found " +
                       std::to_string(manifest.temperatures.size()) + " temperatures, expected one an attribute");
    }
    for (const double t : manifest.temperatures) {
      if (!(t > 0.01 && t < 100))
        throw ModelError("cannot load model " + path.string() + ": a temperature is out of range");
    }
    if (std::filesystem::path(manifest.weights_file).filename() != manifest.weights_file) {
      throw ModelError("cannot load model " + path.string() + ": weights must lie beside the manifest");
    }
    return manifest;
  } catch (const nlohmann::json::exception& error) {
    throw ModelError("cannot load model " + path.string() + ": a field is missing or mistyped: " + error.what());
  }
}

void write_manifest(const std::filesystem::path& path, const Manifest& m) {
  const nlohmann::json json{{"format", model_format},
                            {"name", m.name},
                            {"version", m.version},
                            {"licence", m.licence},
                            {"use", m.use},
                            {"architecture", architecture_json(m)},
                            {"axis_order", axis_order},
                            {"hu_rule", m.hu_rule()},
                            {"vocabularies", vocabularies()},
                            {"temperatures", m.temperatures},
                            {"abstain_below", m.abstain_below},
                            {"attributes_trained", m.attributes_trained},
                            {"mask_level", m.mask_level},
                            {"mask_quality_trained", m.mask_quality_trained},
                            {"weights", {{"file", m.weights_file}, {"sha256", m.weights_digest.hex}}},
                            {"training", m.training},
                            {"metrics", m.metrics}};
  write_manifest_file(path, json);
}

}  // namespace punctum
