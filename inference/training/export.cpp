#include "inference/training/export.hpp"
#include "inference/training/licence_class.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "inference/baselines/baseline_manifest.hpp"
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

std::vector<TrainingCrop> lesion_crops(const Architecture& architecture, std::uint64_t first_seed, int count) {
  const auto source = phantom_source();
  std::vector<TrainingCrop> crops;
  for (int i = 0; i < count; ++i) {
    crops.push_back(source.crops(
        {first_seed + static_cast<std::uint64_t>(i), architecture.crop(), architecture.spacings_mm().front(), false}));
  }
  return crops;
}

nlohmann::json metrics_of(const Architecture& architecture, const Scores& scores, int crops) {
  nlohmann::json json{
      {"data", "synthetic phantoms, seeds from " + std::to_string(first_evaluation_seed) + " on, never trained on"},
      {"crops", crops}};
  if (architecture.marks()) json["dice_after_1_3_5_clicks"] = {scores.dice[0], scores.dice[2], scores.dice[4]};
  if (architecture.rates()) json["quality_error"] = scores.quality_error;
  if (!architecture.names()) return json;
  for (std::size_t i = 0; i < attribute_count; ++i)
    json["attribute_accuracy"][std::string(attribute_vocabulary()[i].name)] = scores.attributes[i];
  return json;
}

/// Weights may be used as freely as the data they were trained on and the weights they started from, as far as that is
/// known.
std::string use_of(const nlohmann::json& training) {
  if (training.contains("initial") && training.at("initial").value("use", "research") != "commercial") {
    return "research";
  }
  for (const auto& source : training.value("data", nlohmann::json::array())) {
    if (!is_open_licence(source.value("licence", ""))) return "research";
  }
  return training.contains("data") ? "commercial" : "research";
}

/// All that the weights have seen, in this training or in those before it, each once.
std::string statement_of(const nlohmann::json& training) {
  std::vector<std::string> seen;
  const auto add = [&](const nlohmann::json& sources) {
    for (const auto& source : sources) {
      const auto licence = source.value("licence", "");
      auto text = source.value("statement", "") + " (" + (licence.empty() ? "licence not stated" : licence) + ")";
      if (std::find(seen.begin(), seen.end(), text) == seen.end()) seen.push_back(std::move(text));
    }
  };
  const auto none = nlohmann::json::array();
  add(training.value("data", none));
  std::string text = "Not a medical device; not for clinical use.";
  if (training.contains("initial")) {
    const auto& initial = training.at("initial");
    const auto before = initial.value("data", none);
    add(before);
    text += " Started from weights " + initial.value("version", "of unknown version");
    text += before.empty() ? ", of whose training nothing is known." : ".";
  }
  text += " Trained on:";
  for (const auto& source : seen) text += " " + source;
  return text;
}

/// As the data of this training and of those before it ask for, and the weights that it started from.
std::string licence_of(const nlohmann::json& training) {
  std::vector<std::string> licences;
  const auto none = nlohmann::json::array();
  const auto add = [&](const nlohmann::json& sources) {
    for (const auto& source : sources) licences.push_back(source.value("licence", ""));
  };
  add(training.value("data", none));
  if (training.contains("initial")) {
    const auto& initial = training.at("initial");
    add(initial.value("data", none));
    if (initial.contains("licence") || !initial.contains("data")) licences.push_back(initial.value("licence", ""));
  }
  return licence_of_weights(licences);
}

/// What a manifest says beside the architecture.
struct Learned {
  std::vector<double> temperatures, abstain_below;
  nlohmann::json training, metrics;
  std::string use, licence;
};

Learned what_was_learned(TrainingState& state, const ExportOptions& options) {
  const auto& architecture = state.architecture;
  Learned learned;
  learned.temperatures =
      fit_temperatures(*state.averaged, lesion_crops(architecture, first_calibration_seed, options.calibration_crops));
  learned.abstain_below.assign(architecture.attribute_groups().size(), 0);
  learned.training = nlohmann::json::parse(state.provenance);
  learned.training["steps"] = state.step;
  learned.training["parameters"] = parameter_count(*state.averaged);
  learned.use = use_of(learned.training);
  learned.licence = options.licence.empty() ? licence_of(learned.training) : options.licence;
  learned.training["statement"] = statement_of(learned.training);
  if (options.evaluation_crops > 0) {
    const auto crops = lesion_crops(architecture, first_evaluation_seed, options.evaluation_crops);
    learned.metrics =
        metrics_of(architecture, validate(*state.averaged, crops, evaluation_clicks), options.evaluation_crops);
  }
  return learned;
}

Manifest model_manifest(const NetworkConfig& network, const Learned& learned, const ExportOptions& options,
                        const Digest& digest) {
  Manifest manifest;
  manifest.name = network.name;
  manifest.version = options.version;
  manifest.mask_level = options.mask_level;
  manifest.mask_quality_trained = options.mask_quality;
  manifest.licence = learned.licence;
  manifest.use = learned.use;
  manifest.architecture = network;
  manifest.temperatures = learned.temperatures;
  manifest.abstain_below = learned.abstain_below;
  manifest.weights_digest = digest;
  manifest.training = learned.training;
  manifest.metrics = learned.metrics;
  return manifest;
}

}  // namespace

void export_checkpoint(const std::filesystem::path& checkpoint, const std::filesystem::path& folder,
                       const ExportOptions& options, const TrainLog& log) {
  TrainingState state(checkpoint_architecture(checkpoint));
  load_checkpoint(checkpoint, state, nullptr);
  state.averaged->module().eval();
  std::filesystem::create_directories(folder);
  const auto weights = folder / "weights.safetensors";
  write_safetensors(weights, weights_of(state.averaged->module()), TensorType::f32);
  const auto digest = sha256_of_file(weights);
  const auto learned = what_was_learned(state, options);
  if (!learned.metrics.empty()) log("evaluate " + learned.metrics.dump());
  if (const auto* network = state.architecture.network()) {
    write_manifest(folder / "manifest.json", model_manifest(*network, learned, options, digest));
  } else {
    const auto& baseline = *state.architecture.baseline();
    write_baseline_manifest(folder / "manifest.json",
                            {baseline, options.version, learned.licence, learned.use, learned.temperatures,
                             learned.abstain_below, digest, learned.training, learned.metrics});
  }
  log("export step=" + std::to_string(state.step) + " sha256=" + digest.hex);
}

}  // namespace punctum
