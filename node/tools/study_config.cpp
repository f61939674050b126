#include "node/tools/study_config.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "config/json_object.hpp"
#include "dicom/types/error.hpp"
#include "inference/phantom/phantom.hpp"

namespace punctum {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> arms_of(JsonObject& json, std::vector<std::string> usual) {
  const auto arms = json.texts("arms");
  if (!arms) return usual;
  const std::set<std::string> known(usual.begin(), usual.end()), different(arms->begin(), arms->end());
  const bool good = !arms->empty() && different.size() == arms->size() &&
                    std::all_of(arms->begin(), arms->end(), [&](const auto& arm) { return known.contains(arm); });
  if (!good) {
    refuse_value(json.pointer_to("arms"), *arms, "some of vanilla, refinement, synergy, full, unet and cnn, each once");
  }
  return *arms;
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
  for (const char* name : {"variant", "seed"}) {
    if (training.contains(name)) refuse_value(pointer + "/" + name, training.at(name), "nothing: the study sets it");
  }
}

}  // namespace

StudyConfig read_study_config(const fs::path& file) {
  const auto document = read_json_file(file);
  const auto folder = file.parent_path();
  JsonObject json(document, "");
  StudyConfig config;
  config.arms = arms_of(json, config.arms);
  if (const auto seeds = json.integer("seeds", 1, 100)) config.seeds = static_cast<int>(*seeds);
  if (const auto seed = json.integer("first_seed", 0, 800'000)) config.first_seed = static_cast<std::uint64_t>(*seed);
  if (const auto reference = json.text("reference")) config.reference = *reference;
  const auto* training = json.field("training");
  if (training == nullptr) throw ConfigError("/training: missing, expected what punctum train reads");
  refuse_own_fields(*training, "/training");
  config.training = training_config_of(*training, "/training", folder);
  if (auto evaluation = json.object("evaluation")) config.evaluation = evaluation_of(std::move(*evaluation), folder);
  json.refuse_unknown_fields();
  return config;
}

}  // namespace punctum
