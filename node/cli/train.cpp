#include "inference/training/train.hpp"

#include <csignal>
#include <iostream>
#include <nlohmann/json.hpp>

#include "inference/training/export.hpp"
#include "node/cli/command_line.hpp"
#include "node/cli/commands.hpp"
#include "node/tools/training_config.hpp"
#include "node/tools/training_data.hpp"

namespace punctum::cli {
namespace {

volatile std::sig_atomic_t interrupted = 0;

void interrupt(int) { interrupted = 1; }

void print_line(const std::string& line) { std::cout << line << std::endl; }

struct Given {
  std::filesystem::path config, folder = "build/training", export_to;
  std::string size, variant;
  std::int64_t steps = 0, seed = -1;
  int replicas = 0;
  ExportOptions exported;
};

/// What was said on the command line counts more than the file.
TrainingConfig configured(const Given& given) {
  TrainingConfig config;
  if (given.config.empty()) {
    config.data.emplace_back();  // phantoms
  } else {
    config = read_training_config(given.config);
  }
  if (!given.size.empty()) config.options.size = given.size;
  if (!given.variant.empty()) config.options.variant = given.variant;
  if (given.steps > 0) config.options.steps = given.steps;
  if (given.seed >= 0) config.options.seed = static_cast<std::uint64_t>(given.seed);
  if (given.replicas > 0) config.options.replicas = given.replicas;
  return config;
}

int run_training(const Given& given, const std::string& command) {
  const auto config = configured(given);
  config.options.check();
  const auto sources = training_sources(config.data, given.folder, print_line);
  std::signal(SIGINT, interrupt);  // from here on the checkpoint is written before it ends
  std::signal(SIGTERM, interrupt);
  const auto provenance = nlohmann::json{{"command", command}, {"version", PUNCTUM_VERSION}}.dump();
  const auto report =
      train(config.options, sources, given.folder, provenance, print_line, [] { return interrupted != 0; });
  std::cout << "trained to step " << report.steps << ", " << report.samples_per_second << " crops a second\n";
  return 0;
}

void declare(CLI::App& command, Given& given) {
  command.add_option("--config", given.config, "Data, schedule and clicks (JSON); phantoms alone without it")
      ->check(CLI::ExistingFile);
  command
      .add_option("--folder", given.folder, "Holds the checkpoint, which is resumed from, the progress and its curves")
      ->capture_default_str();
  command.add_option("--size", given.size, "tiny, compact or base, instead of the file's")
      ->check(CLI::IsMember({"tiny", "compact", "base"}));
  command
      .add_option("--variant", given.variant, "Of the paper's tables, or a baseline of theirs, instead of the file's")
      ->check(CLI::IsMember({"vanilla", "refinement", "synergy", "full", "unet", "cnn"}));
  command.add_option("--seed", given.seed, "Instead of the file's")->check(CLI::Range(0, 899999));
  command.add_option("--steps", given.steps, "In all, those before a resume included")->check(CLI::PositiveNumber);
  command.add_option("--replicas", given.replicas, "Threads that each compute a batch")->check(CLI::PositiveNumber);
  command.add_option("--export", given.export_to,
                     "Instead of training, write the checkpoint's weights and manifest here");
  command.add_option("--version", given.exported.version, "Of the exported weights")->capture_default_str();
  command.add_option("--licence", given.exported.licence,
                     "SPDX expression of the exported weights [what their data ask for]");
  command
      .add_option("--mask-level", given.exported.mask_level, "Logits above it are lesion, for the exported manifest")
      ->check(CLI::Range(-4.0, 4.0))
      ->capture_default_str();
  command.add_flag("!--no-mask-quality", given.exported.mask_quality,
                   "The exported manifest keeps the estimate of a mask's quality out of reports");
  command.add_option("--evaluation-crops", given.exported.evaluation_crops, "For the exported manifest's numbers")
      ->capture_default_str();
}

}  // namespace

void add_train(CLI::App& program, int& exit_code) {
  auto* command = program.add_subcommand("train", "Train a network; interrupted, it goes on from its checkpoint");
  auto given = std::make_shared<Given>();
  declare(*command, *given);
  command->callback([given, command, &exit_code] {
    if (given->export_to.empty()) {
      exit_code = run_training(*given, command_line_of(*command));
    } else {
      export_checkpoint(given->folder / "checkpoint.pt", given->export_to, given->exported, print_line);
      exit_code = 0;
    }
  });
}

}  // namespace punctum::cli
