#include "inference/training/train_options.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string_view>

#include "dicom/types/error.hpp"

namespace punctum {
namespace {

template <std::size_t N>
void require_one_of(const std::array<std::string_view, N>& known, const std::string& found, const char* field) {
  if (std::find(known.begin(), known.end(), found) != known.end()) return;
  std::ostringstream text;
  text << "cannot train: /" << field << ": found \"" << found << "\", expected ";
  for (std::size_t i = 0; i < N; ++i) text << (i == 0 ? "" : i + 1 == N ? " or " : ", ") << known[i];
  throw ConfigError(text.str());
}

void require(bool holds, const char* field, const std::string& found, const char* expected) {
  if (holds) return;
  std::ostringstream text;
  text << "cannot train: /" << field << ": found " << found << ", expected " << expected;
  throw ConfigError(text.str());
}

}  // namespace

void TrainOptions::check() const {
  require_one_of(std::array<std::string_view, 3>{"tiny", "compact", "base"}, size, "size");
  require_one_of(std::array<std::string_view, 6>{"vanilla", "refinement", "synergy", "full", "unet", "cnn"}, variant,
                 "variant");
  require_one_of(std::array<std::string_view, 3>{"auto", "cpu", "cuda"}, device, "device");
  require_one_of(std::array<std::string_view, 2>{"float32", "bfloat16"}, precision, "precision");
  const auto text = [](auto value) { return std::to_string(value); };
  require(steps > 0, "steps", text(steps), "at least 1");
  require(decay_steps >= 0 && warmup_steps >= 0, "decay_steps", text(decay_steps), "at least 0, as warmup_steps");
  require(batch >= 1 && batch <= 1024, "batch", text(batch), "1 to 1024");
  require(replicas >= 1 && replicas <= 64, "replicas", text(replicas), "1 to 64");
  require(workers >= 1 && workers <= 256, "workers", text(workers), "1 to 256");
  require(learning_rate > 0 && learning_rate < 1, "learning_rate", text(learning_rate), "more than 0, below 1");
  require(ema >= 0 && ema < 1, "ema", text(ema), "0 to below 1");
  require(pool_crops >= 1, "pool_crops", text(pool_crops), "at least 1");
  require(uses_per_crop >= 1, "uses_per_crop", text(uses_per_crop), "at least 1");
  require(validate_every > 0 && validation_crops >= 0, "validate_every", text(validate_every), "at least 1");
  require(losses.dice > 0 || losses.cross_entropy > 0, "losses/dice", text(losses.dice),
          "above 0, or losses/cross_entropy above 0");
  const auto& shares = clicks.count_shares;
  const bool positive = std::all_of(shares.begin(), shares.end(), [](double s) { return s >= 0; });
  require(positive && !shares.empty() && *std::max_element(shares.begin(), shares.end()) > 0, "clicks/count_shares",
          text(shares.size()) + " numbers", "at least one above 0, none below");
}

void to_json(nlohmann::json& json, const TrainOptions& o) {
  json = {{"size", o.size},
          {"variant", o.variant},
          {"network", o.network},
          {"seed", o.seed},
          {"steps", o.steps},
          {"decay_steps", o.decay_steps},
          {"warmup_steps", o.warmup_steps},
          {"batch", o.batch},
          {"replicas", o.replicas},
          {"learning_rate", o.learning_rate},
          {"weight_decay", o.weight_decay},
          {"ema", o.ema},
          {"precision", o.precision},
          {"pool_crops", o.pool_crops},
          {"uses_per_crop", o.uses_per_crop},
          {"only", o.only},
          {"clicks",
           {{"count_shares", o.clicks.count_shares},
            {"flawed_start_share", o.clicks.flawed_start_share},
            {"firm_prompt_share", o.clicks.firm_prompt_share}}},
          {"losses",
           {{"dice", o.losses.dice},
            {"cross_entropy", o.losses.cross_entropy},
            {"beside_clicks", o.losses.beside_clicks},
            {"candidates", o.losses.candidates},
            {"label_smoothing", o.losses.label_smoothing},
            {"label_balance", o.losses.label_balance},
            {"quality", o.losses.quality},
            {"attribute_share", o.losses.attribute_share},
            {"attribute_weight", o.losses.attribute_weight}}}};
}

}  // namespace punctum
