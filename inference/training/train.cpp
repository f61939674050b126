#include "inference/training/train.hpp"
#include "inference/model/device.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <future>
#include <numeric>
#include <set>
#include <sstream>

#include "dicom/types/digest.hpp"
#include "dicom/types/error.hpp"
#include "inference/model/network_weights.hpp"
#include "inference/phantom/phantom.hpp"
#include "inference/training/checkpoint.hpp"
#include "inference/training/crop_pool.hpp"
#include "inference/training/learner.hpp"
#include "inference/training/optimizer.hpp"
#include "inference/training/progress.hpp"
#include "inference/training/validation.hpp"

namespace punctum {
namespace {

using Clock = std::chrono::steady_clock;
using namespace network;

constexpr std::uint64_t first_validation_seed = first_evaluation_seed + 50'000;  // apart from the final evaluation's
constexpr int log_every = 50, validation_clicks = 3;
constexpr double clip_norm = 1.0;
constexpr int spare_voxels = 8;  // of a crop beyond the network's cube, so that it can shift

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Random numbers of one step and replica; nothing else bears on what they do.
std::mt19937_64 random_of(std::uint64_t seed, std::int64_t step, int replica) {
  std::seed_seq mixed{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
                      static_cast<std::uint32_t>(step), static_cast<std::uint32_t>(replica)};
  return std::mt19937_64(mixed);
}

/// Makes the other's parameters those of the original; gradients stay its own.
void share_weights(const torch::nn::Module& original, torch::nn::Module& other) {
  const auto parameters = original.parameters(), buffers = original.buffers();
  auto own = other.parameters(), own_buffers = other.buffers();
  for (std::size_t i = 0; i < own.size(); ++i) own[i].set_data(parameters[i].data());
  for (std::size_t i = 0; i < own_buffers.size(); ++i) own_buffers[i].set_data(buffers[i]);
}

/// Holds fast what is not to learn, before the optimizer is made.
void let_learn_only(torch::nn::Module& network, const std::vector<std::string>& only) {
  if (only.empty()) return;
  std::set<std::string> unused(only.begin(), only.end());
  for (auto& item : network.named_parameters()) {
    bool learns = false;
    for (const auto& beginning : only) {
      if (!item.key().starts_with(beginning)) continue;
      learns = true;
      unused.erase(beginning);
    }
    item.value().set_requires_grad(learns);
  }
  if (unused.empty()) return;
  throw ConfigError("cannot train: /only: found \"" + *unused.begin() +
                    "\", expected the beginning of a parameter's name, as attribute_head");
}

/// The optimizer's step from the mean gradient of all replicas.
class Trainer {
 public:
  Trainer(const TrainOptions& options, TrainingState& state, torch::Device device)
      : options_(options), state_(state), optimizer_(make_optimizer(state.network->module(), options)) {
    const bool mixed = options.precision == "bfloat16";
    learners_.emplace_back(state.network, options.clicks, options.losses, device, mixed);
    for (int i = 1; i < options.replicas; ++i) {
      auto replica = make_click_network(state.architecture);
      replica->module().to(device);
      share_weights(state.network->module(), replica->module());
      let_learn_only(replica->module(), options.only);
      learners_.emplace_back(std::move(replica), options.clicks, options.losses, device, mixed);
    }
  }

  torch::optim::AdamW& optimizer() { return optimizer_; }

  StepResult step(CropPool& pool) {
    set_learning_rate(optimizer_, learning_rate_at(state_.step, options_));
    for (auto& learner : learners_) learner.network().module().zero_grad();
    auto random = random_of(options_.seed, state_.step, -1);
    const int clicks = draw_click_count(options_.clicks, random);  // the same for all: nobody waits for long
    std::vector<std::future<Learned>> others;
    for (std::size_t i = 1; i < learners_.size(); ++i) {
      others.push_back(std::async(std::launch::async, [&, i] {
        at::set_num_threads(1);
        at::globalContext().setFlushDenormal(true);
        return learn(i, clicks, pool);
      }));
    }
    std::vector<Learned> learned{learn(0, clicks, pool)};
    for (auto& other : others) learned.push_back(other.get());
    take_mean_gradient();
    torch::nn::utils::clip_grad_norm_(state_.network->module().parameters(), clip_norm);
    optimizer_.step();
    average();
    ++state_.step;
    std::vector<StepResult> results;
    for (const auto& one : learned) {
      results.push_back(one.result);
      state_.label_counts.add(one.labels);
    }
    const auto mean = mean_of(results);
    if (mean.attributes >= 0 && mean.segmentation >= 0) state_.weight.update(mean.segmentation, mean.attributes);
    return mean;
  }

 private:
  /// What one replica gave, and from which labels.
  struct Learned {
    StepResult result;
    torch::Tensor labels;
  };
  Learned learn(std::size_t replica, int clicks, CropPool& pool) {
    auto random = random_of(options_.seed, state_.step, static_cast<int>(replica));
    const std::int64_t a_step = std::int64_t{options_.batch} * options_.replicas;
    const auto window = pool.window(state_.step * a_step);
    BatchBuilder builder(state_.architecture.crop(), random);
    for (int i = 0; i < options_.batch; ++i) {
      const auto chosen = window.first + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(window.count));
      builder.add(*pool.at(chosen));
    }
    const auto batch = builder.build();
    const AttributeWeights weights{state_.weight.value(options_.losses),
                                   state_.label_counts.weights(options_.losses.label_balance)};
    return {learners_[replica].compute_gradients(batch, clicks, weights, random), batch.labels};
  }

  void take_mean_gradient() {
    if (learners_.size() == 1) return;
    torch::NoGradGuard no_grad;
    auto mean = state_.network->module().parameters();
    for (std::size_t r = 1; r < learners_.size(); ++r) {
      const auto theirs = learners_[r].network().module().parameters();
      for (std::size_t i = 0; i < mean.size(); ++i) {
        if (!theirs[i].grad().defined()) continue;
        if (mean[i].grad().defined()) {
          mean[i].mutable_grad().add_(theirs[i].grad());
        } else {
          mean[i].mutable_grad() = theirs[i].grad().clone();
        }
      }
    }
    for (auto& parameter : mean) {
      if (parameter.grad().defined()) parameter.mutable_grad().div_(static_cast<double>(learners_.size()));
    }
  }

  void average() {
    torch::NoGradGuard no_grad;
    // Early on the average would remember the untrained weights for too long.
    const double keep =
        std::min(options_.ema, (1.0 + static_cast<double>(state_.step)) / (10.0 + static_cast<double>(state_.step)));
    auto now = state_.network->module().parameters(), mean = state_.averaged->module().parameters();
    for (std::size_t i = 0; i < now.size(); ++i) mean[i].lerp_(now[i], 1 - keep);
  }

  const TrainOptions& options_;
  TrainingState& state_;
  torch::optim::AdamW optimizer_;
  std::vector<Learner> learners_;  // the first works on the weights that are kept
};

struct HeldOut {
  std::string name;
  std::vector<TrainingCrop> crops;
};

std::vector<HeldOut> held_out_crops(const std::vector<TrainingSource>& sources, const Architecture& architecture,
                                    int count) {
  std::vector<HeldOut> all;
  for (const auto& source : sources) {
    if (!source.held_out && !source.unseen_by_seed) continue;
    HeldOut held{source.name, {}};
    const auto& crops = source.held_out ? source.held_out : source.crops;
    for (int i = 0; i < count; ++i) {
      CropRequest request{first_validation_seed + static_cast<std::uint64_t>(i), architecture.crop(),
                          architecture.spacings_mm().front()};
      request.background = i % 10 == 9;
      // Every fifth, or as many as are trained on if that is more.
      const bool coarse = i % 5 == 4 || (i % 5) * 0.25 + 0.01 < source.coarse_share - 0.25;
      const bool closer = i % 5 == 0 && source.detail_share > 0 && architecture.detail_mm() > 0;
      if (closer) request.spacing_mm = architecture.detail_mm();
      if (coarse && !closer && !request.background) request.spacing_mm = architecture.spacings_mm().back();
      held.crops.push_back(crops(request));
    }
    if (count > 0) all.push_back(std::move(held));
  }
  return all;
}

std::string text_of(const nlohmann::json& line) {
  std::ostringstream text;
  text.precision(4);
  text << line.at("kind").get<std::string>();
  for (const auto& item : line.items()) {
    if (item.key() == "kind") continue;
    text << ' ' << item.key() << '=';
    if (item.value().is_number_float()) {
      text << item.value().get<double>();
    } else if (item.value().is_string()) {
      text << item.value().get<std::string>();
    } else {
      text << item.value().dump();
    }
  }
  return text.str();
}

nlohmann::json line_of(const StepResult& mean, std::int64_t step, double rate, double seconds_left, double lr,
                       double lambda) {
  nlohmann::json line{{"kind", "train"},       {"step", step},
                      {"samples_per_s", rate}, {"minutes_left", seconds_left / 60},
                      {"learning_rate", lr},   {"lambda", lambda}};
  const auto put = [&](const char* name, double value) {
    if (value >= 0) line[name] = value;
  };
  put("segmentation", mean.segmentation);
  put("attributes", mean.attributes);
  put("quality", mean.quality);
  put("dice_first", mean.first_dice);
  put("dice_last", mean.last_dice);
  return line;
}

nlohmann::json line_of(const std::string& source, const Architecture& architecture, const Scores& scores,
                       std::int64_t step, double seconds) {
  nlohmann::json line{{"kind", "validate"}, {"step", step}, {"source", source}, {"seconds", seconds}};
  if (architecture.marks()) {
    line["dice_1"] = scores.dice.front();
    line["dice_last"] = scores.dice.back();
    line["dice"] = scores.dice;
    line["background_ml"] = scores.background_ml;
  }
  if (architecture.rates()) line["quality_error"] = scores.quality_error;
  if (architecture.names()) line["attributes"] = scores.attributes;
  if (architecture.names() && scores.labelled > 0) {
    line["attribute_accuracy"] = std::accumulate(scores.attributes.begin(), scores.attributes.end(), 0.0) /
                                 static_cast<double>(scores.attributes.size());
  }
  return line;
}

/// Trainings with other seeds see other crops: multiples of this keep far apart among the seeds that are trained on.
/// With the seeds themselves every training began with the crops of all those before it.
constexpr std::uint64_t crops_apart = 556'231;

CropPoolOptions pool_options(const TrainOptions& options, const Architecture& architecture) {
  CropPoolOptions pool;
  pool.seed = options.seed % first_evaluation_seed * crops_apart;
  pool.crop_size = architecture.crop() + spare_voxels;
  pool.capacity = static_cast<std::size_t>(options.pool_crops);
  pool.uses_per_crop = options.uses_per_crop;
  pool.workers = options.workers;
  pool.fine_mm = architecture.spacings_mm().front();
  pool.coarse_mm = architecture.spacings_mm().back();
  pool.detail_mm = architecture.detail_mm();
  return pool;
}

/// What weights were trained on, and those that they started from, each once.
nlohmann::json data_behind(const nlohmann::json& training) {
  auto all = nlohmann::json::array();
  const auto add = [&](const nlohmann::json& source) {
    nlohmann::json said{{"statement", source.value("statement", "")}, {"licence", source.value("licence", "")}};
    if (std::find(all.begin(), all.end(), said) == all.end()) all.push_back(std::move(said));
  };
  for (const auto& source : training.value("data", nlohmann::json::array())) add(source);
  const auto before = training.value("initial", nlohmann::json::object());
  for (const auto& source : before.value("data", nlohmann::json::array())) add(source);
  // Manifests of before said it in words alone, as those of adopted weights do.
  const auto in_words = [&](const nlohmann::json& said) {
    if (said.contains("statement") && !said.contains("data")) add(said);
  };
  in_words(training);
  in_words(before);
  return all;
}

/// How weights came to be, one training after the other, the first first: command, options and what each saw how often.
nlohmann::json stages_behind(const nlohmann::json& manifest) {
  const auto& training = manifest.at("training");
  const auto initial = training.value("initial", nlohmann::json::object());
  auto stages = initial.value("stages", nlohmann::json::array());
  nlohmann::json stage{{"version", manifest.value("version", "")}};
  if (manifest.contains("weights")) stage["sha256"] = manifest.at("weights").value("sha256", "");
  for (const char* name : {"command", "steps", "options", "mean_of"}) {
    if (training.contains(name)) stage[name] = training.at(name);
  }
  for (auto source : training.value("data", nlohmann::json::array())) {
    source.erase("statement"), source.erase("licence");  // those of all stages stand beside them
    if (!source.empty()) stage["data"].push_back(source);
  }
  stages.push_back(std::move(stage));
  return stages;
}

/// A network that is mostly new is not one that started from these.
void require_enough(int taken, const std::filesystem::path& weights, const TrainingState& state,
                    const TrainOptions& options) {
  const auto all = state.network->module().named_parameters().size() + state.network->module().named_buffers().size();
  const auto count = static_cast<std::size_t>(taken);
  const bool enough = options.only.empty() ? 2 * count >= all : count == all;
  if (enough) return;
  throw ConfigError("cannot train: /initial: " + std::to_string(taken) + " of " + std::to_string(all) +
                    " tensors of the network are in " + weights.string() + " in the same form, expected " +
                    (options.only.empty() ? "half of them at least" : "all, since /only holds the rest fast"));
}

/// Starts from weights that exist, as far as they fit. @return what to say of it in the manifest.
nlohmann::json take_initial_weights(const TrainOptions& options, TrainingState& state) {
  const auto& weights = options.initial;
  const auto count = assign_matching_weights(state.network->module(), read_safetensors(weights));
  require_enough(count, weights, state, options);
  assign_matching_weights(state.averaged->module(), weights_of(state.network->module()));
  nlohmann::json said{{"sha256", sha256_of_file(weights).hex}, {"tensors_taken", count}};
  // What they were trained on binds what comes of them; without a manifest beside them nothing is known of it.
  std::ifstream file(weights.parent_path() / "manifest.json");
  const auto manifest = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!manifest.is_object() || !manifest.contains("training")) return said;
  try {
    said["version"] = manifest.value("version", "");
    said["use"] = manifest.value("use", "research");
    said["licence"] = manifest.value("licence", "");
    said["data"] = data_behind(manifest.at("training"));
    said["stages"] = stages_behind(manifest);
  } catch (const nlohmann::json::exception& error) {
    throw ConfigError("cannot train: /initial: " + (weights.parent_path() / "manifest.json").string() +
                      " is no manifest: " + error.what());
  }
  return said;
}

/// What a resumed training has seen before stays said: the data of every run, and the weights that it started from.
void take_over(const nlohmann::json& before, nlohmann::json& now) {
  auto& data = now["data"];
  for (const auto& source : before.value("data", nlohmann::json::array())) {
    if (std::find(data.begin(), data.end(), source) == data.end()) data.push_back(source);
  }
  now.erase("initial");
  if (before.contains("initial")) now["initial"] = before.at("initial");
}

nlohmann::json provenance_of(const TrainOptions& options, const std::vector<TrainingSource>& sources,
                             const std::string& given) {
  auto json = given.empty() ? nlohmann::json::object() : nlohmann::json::parse(given);
  json["options"] = options;
  for (const auto& source : sources) {
    json["data"].push_back({{"name", source.name},
                            {"share", source.share},
                            {"coarse_share", source.coarse_share},
                            {"detail_share", source.detail_share},
                            {"background_share", source.background_share},
                            {"licence", source.licence},
                            {"statement", source.statement}});
  }
  return json;
}

}  // namespace

TrainReport train(const TrainOptions& options, const std::vector<TrainingSource>& sources,
                  const std::filesystem::path& folder, const std::string& provenance, const TrainLog& log,
                  const std::function<bool()>& stop) {
  options.check();
  if (sources.empty()) throw ConfigError("cannot train: there is no data, expected at least one source");
  at::set_num_threads(1);  // replicas share the cores; tensors of these sizes gain nothing from more
  at::globalContext().setFlushDenormal(true);
  torch::manual_seed(options.seed);
  const auto device = network::device_named(options.device);
  TrainingState state(with_changes(architecture_named(options.size, options.variant), options.network));
  std::filesystem::create_directories(folder);
  const auto checkpoint = folder / "checkpoint.pt";
  const bool resumes = std::filesystem::exists(checkpoint);
  auto provenance_now = provenance_of(options, sources, provenance);
  if (resumes) {
    take_over(checkpoint_provenance(checkpoint), provenance_now);
  } else if (!options.initial.empty()) {
    provenance_now["initial"] = take_initial_weights(options, state);
    log("initial " + provenance_now["initial"].dump());
  }
  state.provenance = provenance_now.dump();
  state.network->module().to(device);
  state.averaged->module().to(device);
  let_learn_only(state.network->module(), options.only);
  Trainer trainer(options, state, device);
  if (resumes) load_checkpoint(checkpoint, state, &trainer.optimizer());
  log("start step=" + std::to_string(state.step) + " parameters=" + std::to_string(parameter_count(*state.network)));

  const std::int64_t a_step = std::int64_t{options.batch} * options.replicas;
  CropPool pool(sources, pool_options(options, state.architecture), state.step * a_step);
  const auto held_out = held_out_crops(sources, state.architecture, options.validation_crops);
  Progress progress(folder, state.step);
  const auto report_line = [&](const nlohmann::json& line) {
    progress.add(line);
    log(text_of(line));
  };

  TrainReport report;
  std::vector<StepResult> window_results;
  const auto begun = Clock::now();
  auto window = begun, saved = begun;
  std::int64_t done = 0;
  const auto save = [&] {
    save_checkpoint(checkpoint, state, trainer.optimizer());
    saved = Clock::now();
  };
  while (state.step < options.steps && !(stop && stop())) {
    pool.pass(state.step * a_step);
    window_results.push_back(trainer.step(pool));
    ++done;
    if (!std::isfinite(window_results.back().headline())) {
      throw ModelError("training diverged at step " + std::to_string(state.step));
    }
    if (window_results.size() == log_every || state.step == options.steps) {
      const auto mean = mean_of(window_results);
      const double seconds_a_step = seconds_since(window) / static_cast<double>(window_results.size());
      report_line(line_of(mean, state.step, static_cast<double>(a_step) / seconds_a_step,
                          seconds_a_step * static_cast<double>(options.steps - state.step),
                          learning_rate_at(state.step, options), state.weight.value(options.losses)));
      report.loss = mean.headline();
      window_results.clear();
      window = Clock::now();
    }
    const bool last = state.step == options.steps;
    if (last || seconds_since(saved) > 60 * options.checkpoint_minutes) save();
    if (last || state.step % options.validate_every == 0) {
      const auto start = Clock::now();
      for (const auto& held : held_out) {
        const auto begin = Clock::now();
        const auto scores = validate(*state.averaged, held.crops, validation_clicks);
        report_line(line_of(held.name, state.architecture, scores, state.step, seconds_since(begin)));
        if (&held == &held_out.front()) report.validation_dice = scores.dice;
      }
      progress.draw();
      window += Clock::now() - start;
    }
  }
  if (state.step < options.steps) save();
  report.steps = state.step;
  report.samples_per_second = static_cast<double>(done * a_step) / seconds_since(begun);
  return report;
}

}  // namespace punctum
