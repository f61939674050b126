#include "inference/training/train.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "dicom/types/error.hpp"
#include "inference/phantom/phantom.hpp"
#include "inference/preprocess/hu_rule.hpp"
#include "inference/training/batch.hpp"
#include "inference/training/checkpoint.hpp"
#include "inference/training/click_simulation.hpp"
#include "inference/training/crop_pool.hpp"
#include "inference/training/validation.hpp"

namespace punctum {
namespace {

using Clock = std::chrono::steady_clock;
using namespace network;

constexpr std::uint64_t first_validation_seed = first_evaluation_seed + 50'000;  // apart from the final evaluation's
constexpr int log_every = 50, validation_clicks = 3;
constexpr double quality_weight = 0.3, firm_prompt_share = 0.15, firm_logit = 6, clip_norm = 1.0;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Matrices decay; norms, biases, embeddings, tables and scales do not.
torch::optim::AdamW make_optimizer(LesionNetwork& network, const TrainOptions& options) {
  std::vector<torch::Tensor> decayed, kept;
  for (const auto& item : network->named_parameters()) {
    const auto& name = item.key();
    const bool table = name.find("embed") != std::string::npos || name.find("token.") != std::string::npos ||
                       name.find("tokens.") != std::string::npos || name.find("rel_pos") != std::string::npos ||
                       name.find("queries") != std::string::npos;
    (item.value().dim() > 1 && !table ? decayed : kept).push_back(item.value());
  }
  const auto adam = torch::optim::AdamWOptions(options.learning_rate).betas({0.9, 0.98});
  std::vector<torch::optim::OptimizerParamGroup> groups;
  groups.emplace_back(decayed, std::make_unique<torch::optim::AdamWOptions>(
                                   torch::optim::AdamWOptions(adam).weight_decay(options.weight_decay)));
  groups.emplace_back(kept,
                      std::make_unique<torch::optim::AdamWOptions>(torch::optim::AdamWOptions(adam).weight_decay(0)));
  return torch::optim::AdamW(groups, adam);
}

/// Warm up, hold, and fall linearly at the end; so the end can be moved while training runs.
double rate_at(std::int64_t step, const TrainOptions& o) {
  const double up = static_cast<double>(step + 1) / static_cast<double>(std::max<std::int64_t>(o.warmup_steps, 1));
  const double down =
      static_cast<double>(o.steps - step) / static_cast<double>(std::max<std::int64_t>(o.decay_steps, 1));
  return o.learning_rate * std::clamp(std::min(up, down), 0.01, 1.0);
}

int draw_click_count(std::mt19937_64& random) {  // mean 1.8: most reports rest on one click
  static constexpr std::array<int, 20> table{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 4, 4};
  return table[random() % table.size()];
}

struct StepResult {
  double segmentation = 0, attributes = 0, quality = 0, lambda = 0, first_dice = 0, last_dice = 0;
};

class Trainer {
 public:
  Trainer(const TrainOptions& options, TrainingState& state, torch::Device device)
      : options_(options), state_(state), device_(device), optimizer_(make_optimizer(state.network, options)) {}

  torch::optim::AdamW& optimizer() { return optimizer_; }

  StepResult step(const Batch& batch) {
    for (auto& group : optimizer_.param_groups()) {
      static_cast<torch::optim::AdamWOptions&>(group.options()).lr(rate_at(state_.step, options_));
    }
    optimizer_.zero_grad();
    const auto result = run_clicks(batch);
    torch::nn::utils::clip_grad_norm_(state_.network->parameters(), clip_norm);
    optimizer_.step();
    average();
    ++state_.step;
    return result;
  }

 private:
  StepResult run_clicks(const Batch& batch) {
    auto& network = state_.network;
    const auto truth = batch.truth.to(device_), labels = batch.labels.to(device_);
    const auto embedding = network->encode(network_input(batch.hu.to(device_)), batch.spacing_mm.to(device_));
    auto place = batch.first_click.unsqueeze(1).to(device_);  // [B, 1, 3]
    auto kind = torch::full({place.size(0), 1}, std::int64_t{kind_positive}, torch::kLong).to(device_);
    PromptPoints points;
    torch::Tensor previous, total;
    StepResult result;
    const int clicks = draw_click_count(state_.random);
    for (int n = 0; n < clicks; ++n) {
      points = join(points, network->refine(embedding, place, kind, previous));
      const auto answer = network->decode(embedding, points, previous);
      const auto parts = losses_at(answer, truth, labels, state_.config.attribute_groups);
      auto loss = parts.segmentation + quality_weight * parts.quality;
      result.segmentation += parts.segmentation.item<double>() / clicks;
      result.quality += parts.quality.item<double>() / clicks;
      if (parts.attributes.defined()) {
        result.attributes += parts.attributes.item<double>() / clicks;
        loss = loss + state_.weight.update(parts.segmentation.item<double>(), parts.attributes.item<double>()) *
                          parts.attributes;
      }
      total = total.defined() ? total + loss : loss;
      const auto marked = answer.logits.detach() > 0;
      const double dice = dice_of(marked.to(torch::kFloat), truth).mean().item<double>();
      if (n == 0) result.first_dice = dice;
      result.last_dice = dice;
      previous = next_prompt(answer.feedback);
      if (n + 1 < clicks) std::tie(place, kind) = correct(marked, truth > 0.5);
    }
    (total / clicks).backward();
    result.lambda = state_.weight.value();
    return result;
  }

  /// Mostly the logits; sometimes only yes and no, as from the mask of an earlier round.
  torch::Tensor next_prompt(const torch::Tensor& feedback) {
    const bool firm = static_cast<double>(state_.random() % 1000) < 1000 * firm_prompt_share;
    return firm ? torch::where(feedback > 0, torch::full_like(feedback, firm_logit),
                               torch::full_like(feedback, -firm_logit))
                : feedback;
  }

  std::pair<torch::Tensor, torch::Tensor> correct(const torch::Tensor& marked, const torch::Tensor& truth) {
    const auto m = marked.to(torch::kCPU), t = truth.to(torch::kCPU);
    auto place = torch::zeros({m.size(0), 1, 3});
    auto kind = torch::full({m.size(0), 1}, std::int64_t{kind_padding}, torch::kLong);
    for (std::int64_t b = 0; b < m.size(0); ++b) {
      const auto click = correcting_click(m[b][0], t[b][0], state_.random);
      if (!click) continue;
      for (std::int64_t i = 0; i < 3; ++i)
        place[b][0][i] = static_cast<float>(click->place[static_cast<std::size_t>(i)]);
      kind[b][0] = click->positive ? std::int64_t{kind_positive} : std::int64_t{kind_negative};
    }
    return {place.to(device_), kind.to(device_)};
  }

  void average() {
    torch::NoGradGuard no_grad;
    // Early on the average would remember the untrained weights for too long.
    const double keep =
        std::min(options_.ema, (1.0 + static_cast<double>(state_.step)) / (10.0 + static_cast<double>(state_.step)));
    auto now = state_.network->parameters(), mean = state_.averaged->parameters();
    for (std::size_t i = 0; i < now.size(); ++i) mean[i].lerp_(now[i], 1 - keep);
  }

  const TrainOptions& options_;
  TrainingState& state_;
  torch::Device device_;
  torch::optim::AdamW optimizer_;
};

NetworkConfig config_for(const TrainOptions& options) {
  if (options.size != "compact" && options.size != "base") {
    throw ModelError("cannot train size '" + options.size + "': expected 'compact' or 'base'");
  }
  auto config = options.size == "base" ? NetworkConfig::base() : NetworkConfig::compact();
  config.refinement = options.refinement;
  config.synergy = options.synergy;
  return config;
}

std::vector<TrainingCrop> validation_crops(const CropSource& source, const NetworkConfig& config, int count) {
  std::vector<TrainingCrop> crops;
  for (int i = 0; i < count; ++i) {
    CropRequest request{first_validation_seed + static_cast<std::uint64_t>(i), config.crop, config.spacings_mm.front()};
    request.background = i % 10 == 9;
    if (i % 5 == 4 && !request.background) request.spacing_mm = config.spacings_mm.back();
    crops.push_back(source(request));
  }
  return crops;
}

std::string describe(const StepResult& mean, std::int64_t step, double rate, double lr) {
  std::ostringstream line;
  line.precision(4);
  line << "train step=" << step << " samples_per_s=" << rate << " lr=" << lr << " seg=" << mean.segmentation
       << " attr=" << mean.attributes << " iou=" << mean.quality << " lambda=" << mean.lambda
       << " dice_first=" << mean.first_dice << " dice_last=" << mean.last_dice;
  return line.str();
}

std::string describe(const Scores& scores, std::int64_t step, double seconds) {
  std::ostringstream line;
  line.precision(4);
  line << "validate step=" << step;
  for (std::size_t i = 0; i < scores.dice.size(); ++i) line << " dsc@" << i + 1 << "=" << scores.dice[i];
  line << " attributes=";
  for (std::size_t i = 0; i < scores.attributes.size(); ++i) line << (i ? "/" : "") << scores.attributes[i];
  line << " iou_error=" << scores.quality_error << " background_ml=" << scores.background_ml << " seconds=" << seconds;
  return line.str();
}

}  // namespace

TrainReport train(const TrainOptions& options, const CropSource& source, const TrainLog& log,
                  const std::function<bool()>& stop) {
  at::set_num_threads(options.threads);
  at::globalContext().setFlushDenormal(true);
  torch::manual_seed(options.seed);
  const torch::Device device(options.device != "cpu" && torch::cuda::is_available() ? torch::kCUDA : torch::kCPU);
  TrainingState state(config_for(options));
  state.random.seed(options.seed);
  state.provenance = nlohmann::json{
      {"seed", options.seed},
      {"command", options.command},
      {"batch", options.batch},
      {"learning_rate", options.learning_rate},
      {"ema",
       options.ema}}.dump();
  state.network->to(device);
  state.averaged->to(device);
  Trainer trainer(options, state, device);
  std::filesystem::create_directories(options.folder);
  const auto checkpoint = options.folder / "checkpoint.pt";
  if (std::filesystem::exists(checkpoint)) load_checkpoint(checkpoint, state, &trainer.optimizer());
  log("start step=" + std::to_string(state.step) + " parameters=" + std::to_string(state.network->parameter_count()));

  CropPoolOptions pool_options;
  pool_options.crop_size = state.config.crop + 8;
  pool_options.capacity = options.pool_crops;
  pool_options.ready = std::min<std::size_t>(pool_options.ready, options.pool_crops);
  pool_options.uses_per_crop = options.uses_per_crop;
  pool_options.fine_mm = state.config.spacings_mm.front();
  pool_options.coarse_mm = state.config.spacings_mm.back();
  const auto held_out = validation_crops(source, state.config, options.validation_crops);
  CropPool pool(source, pool_options, state.next_seed);

  TrainReport report;
  StepResult sum;
  const auto begun = Clock::now();
  auto window = begun, saved = begun;
  std::int64_t done = 0, in_window = 0;
  const auto save = [&] {
    state.next_seed = pool.next_seed();
    save_checkpoint(checkpoint, state, trainer.optimizer());
    saved = Clock::now();
  };
  while (state.step < options.steps && !(stop && stop())) {
    BatchBuilder builder(state.config.crop, state.random);
    for (int i = 0; i < options.batch; ++i) builder.add(*pool.take(state.random));
    const auto result = trainer.step(builder.build());
    if (!std::isfinite(result.segmentation))
      throw ModelError("training diverged at step " + std::to_string(state.step));
    ++done, ++in_window;
    sum.segmentation += result.segmentation, sum.attributes += result.attributes, sum.quality += result.quality;
    sum.first_dice += result.first_dice, sum.last_dice += result.last_dice;
    if (in_window == log_every || state.step == options.steps) {
      const double n = static_cast<double>(in_window), rate = n * options.batch / seconds_since(window);
      const StepResult mean{sum.segmentation / n, sum.attributes / n, sum.quality / n,
                            result.lambda,        sum.first_dice / n, sum.last_dice / n};
      log(describe(mean, state.step, rate, rate_at(state.step, options)));
      report.loss = mean.segmentation;
      sum = {}, in_window = 0, window = Clock::now();
    }
    if (!held_out.empty() && (state.step % options.validate_every == 0 || state.step == options.steps)) {
      const auto start = Clock::now();
      const auto scores = validate(state.averaged, held_out, validation_clicks);
      log(describe(scores, state.step, seconds_since(start)));
      report.validation_dice = scores.dice;
      window += Clock::now() - start;
    }
    if (seconds_since(saved) > 60 * options.checkpoint_minutes) save();
  }
  save();
  report.steps = state.step;
  report.samples_per_second = static_cast<double>(done * options.batch) / seconds_since(begun);
  return report;
}

}  // namespace punctum
