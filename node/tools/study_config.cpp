#include "node/tools/study_config.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "config/json_object.hpp"
#include "dicom/types/error.hpp"
#include "inference/phantom/phantom.hpp"

namespace punctum {
namespace {

namespace fs = std::filesystem;

constexpr const char* variants = "vanilla, refinement, synergy, full, unet or cnn";

bool is_variant(const std::string& name) {
  constexpr std::array known{"vanilla", "refinement", "synergy", "full", "unet", "cnn"};
  return std::find(known.begin(), known.end(), name) != known.end();
}

/// A variant by its name, or an object that gives a variant another name and other hyper-parameters.
TrainedArm arm_of(const nlohmann::json& json, const std::string& pointer) {
  if (json.is_string()) {
    const auto name = json.get<std::string>();
    if (!is_variant(name)) refuse_value(pointer, json, variants);
    return {name, name};
  }
  JsonObject object(json, pointer);
  TrainedArm arm{object.text("name").value_or(""), object.text("variant").value_or("")};
  if (!is_variant(arm.variant)) refuse_value(pointer + "/variant", arm.variant, variants);
  const bool plain = arm.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
  if (arm.name.empty() || !plain) refuse_value(pointer + "/name", arm.name, "small letters, digits and hyphens");
  if (const auto* network = object.field("network")) arm.network = numbers_by_name(*network, pointer + "/network");
  object.refuse_unknown_fields();
  return arm;
}

std::vector<TrainedArm> arms_of(JsonObject& json) {
  const nlohmann::json usual{"vanilla", "refinement", "synergy", "full", "unet", "cnn"};
  const auto* given = json.field("arms");
  const auto& list = given != nullptr ? *given : usual;
  if (!list.is_array() || list.empty()) refuse_value("/arms", list, "a list of at least one");
  std::vector<TrainedArm> arms;
  std::set<std::string> names;
  for (std::size_t i = 0; i < list.size(); ++i) {
    arms.push_back(arm_of(list[i], "/arms/" + std::to_string(i)));
    if (!names.insert(arms.back().name).second) refuse_value("/arms", list, "each name once");
  }
  return arms;
}

StudyEvaluation evaluation_of(JsonObject json, const fs::path& folder) {
  constexpr auto least = static_cast<std::int64_t>(first_evaluation_seed), most = least + 99'999;
  StudyEvaluation evaluation;
  if (const auto seed = json.integer("first_seed", least, most)) {
    evaluation.first_seed = static_cast<std::uint64_t>(*seed);
  }
  const auto first = static_cast<std::int64_t>(evaluation.first_seed);
  evaluation.last_seed = std::max(evaluation.last_seed, evaluation.first_seed);
  if (const auto seed = json.integer("last_seed", first, most))
    evaluation.last_seed = static_cast<std::uint64_t>(*seed);
  if (const auto zero_shot = json.boolean("zero_shot")) evaluation.zero_shot = *zero_shot;
  if (const auto manifest = json.text("manifest")) evaluation.manifest = folder / *manifest;
  if (const auto splits = json.texts("splits")) evaluation.splits = *splits;
  if (const auto clicks = json.integer("clicks", 1, 100)) evaluation.clicks = static_cast<int>(*clicks);
  json.refuse_unknown_fields();
  return evaluation;
}

/// What the study sets itself, arm by arm, must not be said for all of them.
void refuse_own_fields(const nlohmann::json& training, const std::string& pointer) {
  if (!training.is_object()) return;
  for (const char* name : {"variant", "network", "seed"}) {
    if (training.contains(name)) refuse_value(pointer + "/" + name, training.at(name), "nothing: the study sets it");
  }
}

}  // namespace

StudyConfig read_study_config(const fs::path& file) {
  const auto document = read_json_file(file);
  const auto folder = file.parent_path();
  JsonObject json(document, "");
  StudyConfig config;
  config.arms = arms_of(json);
  if (const auto seeds = json.integer("seeds", 1, 100)) config.seeds = static_cast<int>(*seeds);
  if (const auto seed = json.integer("first_seed", 0, 800'000)) config.first_seed = static_cast<std::uint64_t>(*seed);
  const auto is_arm = [&](const std::string& name) {
    return std::ranges::find(config.arms, name, &TrainedArm::name) != config.arms.end();
  };
  if (!is_arm(config.reference)) config.reference = config.arms.front().name;
  if (const auto reference = json.text("reference")) {
    if (!is_arm(*reference)) refuse_value("/reference", *reference, "the name of an arm");
    config.reference = *reference;
  }
  const auto* training = json.field("training");
  if (training == nullptr) throw ConfigError("/training: missing, expected what punctum train reads");
  refuse_own_fields(*training, "/training");
  config.training = training_config_of(*training, "/training", folder);
  if (auto evaluation = json.object("evaluation")) config.evaluation = evaluation_of(std::move(*evaluation), folder);
  json.refuse_unknown_fields();
  return config;
}

}  // namespace punctum
