#include "inference/training/export.hpp"

#include <nlohmann/json.hpp>

#include "inference/model/manifest.hpp"
#include "inference/model/network_weights.hpp"
#include "inference/phantom/phantom.hpp"
#include "inference/training/calibration.hpp"
#include "inference/training/checkpoint.hpp"
#include "inference/training/validation.hpp"

namespace punctum {
namespace {

using namespace network;

constexpr int evaluation_clicks = 5;
constexpr std::uint64_t first_calibration_seed =
    first_evaluation_seed + 60'000;  // apart from validation and evaluation
constexpr int calibration_crops = 150;

std::vector<TrainingCrop> lesion_crops(const NetworkConfig& config, std::uint64_t first_seed, int count) {
  const auto source = phantom_source();
  std::vector<TrainingCrop> crops;
  for (int i = 0; i < count; ++i) {
    crops.push_back(
        source.crops({first_seed + static_cast<std::uint64_t>(i), config.crop, config.spacings_mm.front(), false}));
  }
  return crops;
}

nlohmann::json metrics_of(const Scores& scores, int crops) {
  nlohmann::json by_attribute = nlohmann::json::object();
  for (std::size_t i = 0; i < attribute_count; ++i)
    by_attribute[std::string(attribute_vocabulary()[i].name)] = scores.attributes[i];
  return {{"data", "synthetic phantoms, seeds from " + std::to_string(first_evaluation_seed) + " on, never trained on"},
          {"crops", crops},
          {"dice_after_1_3_5_clicks", {scores.dice[0], scores.dice[2], scores.dice[4]}},
          {"attribute_accuracy", by_attribute},
          {"quality_error", scores.quality_error}};
}

/// Weights may be used as freely as the data they were trained on, as far as that is known.
std::string use_of(const nlohmann::json& training) {
  for (const auto& source : training.value("data", nlohmann::json::array())) {
    const auto licence = source.value("licence", "");
    if (licence.empty() || licence.find("NC") != std::string::npos) return "research";
  }
  return training.contains("data") ? "commercial" : "research";
}

std::string statement_of(const nlohmann::json& training) {
  std::string text = "Not a medical device; not for clinical use. Trained from nothing on:";
  for (const auto& source : training.value("data", nlohmann::json::array())) {
    text += " " + source.value("statement", "") + " (" + source.value("licence", "licence not stated") + ")";
  }
  return text;
}

}  // namespace

void export_checkpoint(const std::filesystem::path& checkpoint, const std::filesystem::path& folder,
                       const ExportOptions& options, const TrainLog& log) {
  TrainingState state(checkpoint_config(checkpoint));
  load_checkpoint(checkpoint, state, nullptr);
  state.averaged->eval();
  Manifest manifest;
  manifest.name = state.config.name;
  manifest.version = options.version;
  manifest.licence = options.licence;
  manifest.architecture = state.config;
  manifest.temperatures =
      fit_temperatures(state.averaged, lesion_crops(state.config, first_calibration_seed, calibration_crops));
  manifest.abstain_below.assign(state.config.attribute_groups.size(), 0);
  manifest.training = nlohmann::json::parse(state.provenance);
  manifest.training["steps"] = state.step;
  manifest.training["parameters"] = state.network->parameter_count();
  manifest.use = use_of(manifest.training);
  manifest.training["statement"] = statement_of(manifest.training);
  if (options.evaluation_crops > 0) {
    const auto crops = lesion_crops(state.config, first_evaluation_seed, options.evaluation_crops);
    const auto scores = validate(state.averaged, crops, evaluation_clicks);
    manifest.metrics = metrics_of(scores, options.evaluation_crops);
    log("evaluate " + manifest.metrics.dump());
  }
  std::filesystem::create_directories(folder);
  const auto weights = folder / manifest.weights_file;
  write_safetensors(weights, weights_of(state.averaged), TensorType::f32);
  manifest.weights_digest = sha256_of_file(weights);
  write_manifest(folder / "manifest.json", manifest);
  log("export step=" + std::to_string(state.step) + " sha256=" + manifest.weights_digest.hex);
}

}  // namespace punctum
