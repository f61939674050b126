#include "inference/baselines/baseline_manifest.hpp"

#include "dicom/types/error.hpp"
#include "inference/model/manifest_file.hpp"
#include "inference/model/manifest_format.hpp"
#include "inference/preprocess/hu_rule_name.hpp"

namespace punctum {
bool holds_baseline(const std::filesystem::path& folder) {
  return read_manifest_file(folder / "manifest.json").value("format", "") == baseline_format;
}

BaselineManifest read_baseline_manifest(const std::filesystem::path& path) {
  const auto json = read_manifest_file(path);
  const auto refuse = [&](const std::string& what) {
    throw ModelError("cannot load baseline " + path.string() + ": " + what);
  };
  try {
    if (json.at("format") != baseline_format) refuse("found format " + json.at("format").dump());
    if (json.at("hu_rule") != hu_rule_name) refuse("found HU rule " + json.at("hu_rule").dump());
    BaselineManifest manifest;
    json.at("architecture").get_to(manifest.architecture);
    json.at("version").get_to(manifest.version);
    json.at("licence").get_to(manifest.licence);
    json.at("use").get_to(manifest.use);
    json.at("temperatures").get_to(manifest.temperatures);
    json.at("abstain_below").get_to(manifest.abstain_below);
    json.at("weights").at("sha256").get_to(manifest.weights_digest.hex);
    manifest.training = json.at("training");
    manifest.metrics = json.at("metrics");
    const auto groups = manifest.architecture.attribute_groups.size();
    if (manifest.temperatures.size() != groups || manifest.abstain_below.size() != groups) {
      refuse("found other than one temperature and threshold an attribute");
    }
    return manifest;
  } catch (const nlohmann::json::exception& error) {
    refuse(std::string("a field is missing or mistyped: ") + error.what());
  }
  return {};
}

void write_baseline_manifest(const std::filesystem::path& path, const BaselineManifest& m) {
  const nlohmann::json json{{"format", baseline_format},
                            {"name", m.architecture.baseline + " " + m.architecture.name},
                            {"version", m.version},
                            {"licence", m.licence},
                            {"use", m.use},
                            {"architecture", m.architecture},
                            {"hu_rule", hu_rule_name},
                            {"temperatures", m.temperatures},
                            {"abstain_below", m.abstain_below},
                            {"weights", {{"file", "weights.safetensors"}, {"sha256", m.weights_digest.hex}}},
                            {"training", m.training},
                            {"metrics", m.metrics}};
  write_manifest_file(path, json);
}

}  // namespace punctum
