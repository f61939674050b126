#include <nlohmann/json.hpp>
#include <sstream>

#include "dicom/types/error.hpp"
#include "inference/model/manifest.hpp"
#include "inference/model/network_weights.hpp"
#include "inference/phantom/phantom.hpp"
#include "inference/training/calibration.hpp"
#include "inference/training/checkpoint.hpp"
#include "inference/training/train.hpp"
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
        source({first_seed + static_cast<std::uint64_t>(i), config.crop, config.spacings_mm.front(), false}));
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

}  // namespace

void export_checkpoint(const std::filesystem::path& checkpoint, const std::filesystem::path& folder,
                       const std::string& version, int evaluation_crops, const TrainLog& log) {
  TrainingState state(checkpoint_config(checkpoint));
  load_checkpoint(checkpoint, state, nullptr);
  state.averaged->eval();
  Manifest manifest;
  manifest.name = state.config.name;
  manifest.version = version;
  manifest.licence = "Apache-2.0";
  manifest.architecture = state.config;
  manifest.temperatures =
      fit_temperatures(state.averaged, lesion_crops(state.config, first_calibration_seed, calibration_crops));
  manifest.training = nlohmann::json::parse(state.provenance);
  manifest.training["steps"] = state.step;
  manifest.training["parameters"] = state.network->parameter_count();
  manifest.training["statement"] =
      "Trained from nothing on synthetic CT phantoms of this project only; no patient data. Not for clinical use.";
  if (evaluation_crops > 0) {
    const auto scores = validate(state.averaged, lesion_crops(state.config, first_evaluation_seed, evaluation_crops),
                                 evaluation_clicks);
    manifest.metrics = metrics_of(scores, evaluation_crops);
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
