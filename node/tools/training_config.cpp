#include "node/tools/training_config.hpp"

#include <nlohmann/json.hpp>

#include "config/json_object.hpp"
#include "dicom/types/error.hpp"
#include "node/tools/files.hpp"

namespace punctum {
namespace {

namespace fs = std::filesystem;
constexpr std::int64_t most = 1'000'000'000;

template <class Number>
void read_integer(JsonObject& json, const char* name, Number& value, std::int64_t least, std::int64_t highest = most) {
  if (const auto found = json.integer(name, least, highest)) value = static_cast<Number>(*found);
}

void read_number(JsonObject& json, const char* name, double& value, double least, double highest) {
  if (const auto found = json.number(name, least, highest)) value = *found;
}

void read_text(JsonObject& json, const char* name, std::string& value) {
  if (const auto found = json.text(name)) value = *found;
}

std::vector<double> numbers_of(const nlohmann::json& value, const std::string& pointer) {
  if (!value.is_array()) refuse_value(pointer, value, "a list of numbers");
  std::vector<double> numbers;
  for (const auto& item : value) {
    if (!item.is_number()) refuse_value(pointer, value, "a list of numbers");
    numbers.push_back(item.get<double>());
  }
  return numbers;
}

void read_losses(JsonObject json, LossOptions& losses) {
  read_number(json, "dice", losses.dice, 0, 100);
  read_number(json, "cross_entropy", losses.cross_entropy, 0, 100);
  read_number(json, "beside_clicks", losses.beside_clicks, 0, 100);
  read_number(json, "candidates", losses.candidates, 0, 100);
  read_number(json, "label_smoothing", losses.label_smoothing, 0, 0.5);
  read_number(json, "label_balance", losses.label_balance, 0, 1);
  read_number(json, "quality", losses.quality, 0, 100);
  read_number(json, "attribute_share", losses.attribute_share, 0, 100);
  read_number(json, "attribute_weight", losses.attribute_weight, 0, 100);
  json.refuse_unknown_fields();
}

void read_clicks(JsonObject json, ClickOptions& clicks) {
  if (const auto* shares = json.field("count_shares")) {
    clicks.count_shares = numbers_of(*shares, json.pointer_to("count_shares"));
  }
  read_number(json, "flawed_start_share", clicks.flawed_start_share, 0, 1);
  read_number(json, "firm_prompt_share", clicks.firm_prompt_share, 0, 1);
  json.refuse_unknown_fields();
}

std::vector<fs::path> paths_of(JsonObject& json, const char* name, const fs::path& folder) {
  std::vector<fs::path> paths;
  for (const auto& text : json.texts(name).value_or(std::vector<std::string>{})) paths.push_back(folder / text);
  return paths;
}

TrainingDataConfig data_of(JsonObject json, const std::string& pointer, const fs::path& folder) {
  TrainingDataConfig data;
  read_text(json, "kind", data.kind);
  if (data.kind != "phantoms" && data.kind != "rendered" && data.kind != "lesions") {
    refuse_value(pointer + "/kind", data.kind, "\"phantoms\", \"rendered\" or \"lesions\"");
  }
  data.name = data.kind;
  read_text(json, "name", data.name);
  read_number(json, "share", data.share, 0, 1e6);
  read_number(json, "coarse_share", data.coarse_share, 0, 1);
  read_number(json, "detail_share", data.detail_share, 0, 1);
  if (data.coarse_share + data.detail_share > 1 + 1e-9) {
    refuse_value(pointer + "/detail_share", data.detail_share, "at most 1 together with coarse_share");
  }
  read_number(json, "background_share", data.background_share, 0, 1);
  read_text(json, "licence", data.licence);
  read_text(json, "statement", data.statement);
  if (data.kind != "phantoms" && (data.licence.empty() || data.statement.empty())) {
    throw ConfigError(pointer +
                      ": \"licence\" or \"statement\" is missing, expected what the data is and under which "
                      "licence; both go into the manifest of the weights");
  }
  if (const auto manifest = json.text("manifest")) data.manifest = folder / *manifest;
  data.backgrounds = paths_of(json, "backgrounds", folder);
  read_integer(json, "phantom_backgrounds", data.phantom_backgrounds, 0, 1000);
  data.shapes = paths_of(json, "shapes", folder);
  if (const auto soften = json.boolean("soften")) data.soften = *soften;
  json.refuse_unknown_fields();
  if (data.kind == "lesions" && data.manifest.empty()) {
    throw ConfigError(pointer + "/manifest: missing, expected a file that punctum dataset wrote");
  }
  if (data.kind == "rendered" && data.backgrounds.empty() && data.manifest.empty() && data.phantom_backgrounds == 0) {
    throw ConfigError(
        pointer +
        ": found neither \"backgrounds\", \"manifest\" nor \"phantom_backgrounds\", expected CTs to render "
        "lesions into");
  }
  return data;
}

}  // namespace

nlohmann::json read_json_file(const fs::path& file) {
  const auto bytes = read_file_bytes(file);
  auto json = nlohmann::json::parse(reinterpret_cast<const char*>(bytes.data()),
                                    reinterpret_cast<const char*>(bytes.data()) + bytes.size(), nullptr,
                                    /*allow_exceptions=*/false);
  if (json.is_discarded()) throw ConfigError(file.string() + ": not JSON");
  return json;
}

std::map<std::string, double> numbers_by_name(const nlohmann::json& json, const std::string& pointer) {
  JsonObject object(json, pointer);
  std::map<std::string, double> numbers;
  for (const auto& name : object.names()) numbers[name] = *object.number(name, -1e9, 1e9);
  return numbers;
}

TrainingConfig training_config_of(const nlohmann::json& document, const std::string& pointer, const fs::path& folder) {
  JsonObject json(document, pointer);
  TrainingConfig config;
  auto& o = config.options;
  read_text(json, "size", o.size);
  read_text(json, "variant", o.variant);
  if (const auto* network = json.field("network")) o.network = numbers_by_name(*network, pointer + "/network");
  read_integer(json, "seed", o.seed, 0, 899'999);
  read_integer(json, "steps", o.steps, 1);
  read_integer(json, "decay_steps", o.decay_steps, 0);
  read_integer(json, "warmup_steps", o.warmup_steps, 0);
  read_integer(json, "batch", o.batch, 1, 1024);
  read_integer(json, "replicas", o.replicas, 1, 64);
  read_number(json, "learning_rate", o.learning_rate, 1e-9, 1);
  read_number(json, "weight_decay", o.weight_decay, 0, 10);
  read_number(json, "ema", o.ema, 0, 0.999999);
  read_text(json, "device", o.device);
  read_text(json, "precision", o.precision);
  read_integer(json, "workers", o.workers, 1, 256);
  read_number(json, "checkpoint_minutes", o.checkpoint_minutes, 0.01, 1e6);
  read_integer(json, "validate_every", o.validate_every, 1);
  read_integer(json, "validation_crops", o.validation_crops, 0, 100'000);
  read_integer(json, "pool_crops", o.pool_crops, 1, 10'000'000);
  read_number(json, "uses_per_crop", o.uses_per_crop, 1, 1e6);
  if (const auto only = json.texts("only")) o.only = *only;
  if (const auto initial = json.text("initial")) o.initial = folder / *initial;
  if (auto clicks = json.object("clicks")) read_clicks(std::move(*clicks), o.clicks);
  if (auto losses = json.object("losses")) read_losses(std::move(*losses), o.losses);
  if (const auto* data = json.field("data")) {
    if (!data->is_array() || data->empty()) refuse_value(pointer + "/data", *data, "a list of at least one source");
    for (std::size_t i = 0; i < data->size(); ++i) {
      const auto at = pointer + "/data/" + std::to_string(i);
      config.data.push_back(data_of(JsonObject((*data)[i], at), at, folder));
    }
  } else {
    config.data.emplace_back();
  }
  json.refuse_unknown_fields();
  o.check();
  return config;
}

TrainingConfig read_training_config(const fs::path& file) {
  return training_config_of(read_json_file(file), "", file.parent_path());
}

}  // namespace punctum
