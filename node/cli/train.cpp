#include "inference/training/train.hpp"

#include <csignal>
#include <iostream>

#include "node/cli/commands.hpp"

namespace punctum::cli {
namespace {

volatile std::sig_atomic_t interrupted = 0;

void interrupt(int) { interrupted = 1; }

void print_line(const std::string& line) { std::cout << line << std::endl; }

int run_training(const TrainOptions& options) {
  std::signal(SIGINT, interrupt);  // the checkpoint is written before it ends
  std::signal(SIGTERM, interrupt);
  const auto report = train(options, phantom_source(), print_line, [] { return interrupted != 0; });
  std::cout << "trained to step " << report.steps << ", " << report.samples_per_second << " crops a second\n";
  return 0;
}

void declare_training(CLI::App& command, TrainOptions& options) {
  command.add_option("--folder", options.folder, "Holds the checkpoint, which is resumed from, and the log")
      ->capture_default_str();
  command.add_option("--size", options.size, "compact or base")
      ->capture_default_str()
      ->check(CLI::IsMember({"compact", "base"}));
  command.add_option("--seed", options.seed, "Of the first phantom")
      ->capture_default_str()
      ->check(CLI::Range(0, 899999));
  command.add_option("--steps", options.steps, "In all, those before a resume included")->capture_default_str();
  command.add_option("--decay-steps", options.decay_steps, "The last ones, with falling learning rate")
      ->capture_default_str();
  command.add_option("--warmup-steps", options.warmup_steps, "The first ones, with rising learning rate")
      ->capture_default_str();
  command.add_option("--batch", options.batch, "Crops a step")->capture_default_str();
  command.add_option("--learning-rate", options.learning_rate, "At its highest")->capture_default_str();
  command.add_option("--weight-decay", options.weight_decay, "Of AdamW")->capture_default_str();
  command.add_option("--ema", options.ema, "Memory of the averaged weights")->capture_default_str();
  command.add_option("--threads", options.threads, "Compute threads; the phantoms have one more")
      ->capture_default_str();
  command.add_option("--device", options.device, "auto, cpu or cuda")->capture_default_str();
  command.add_option("--checkpoint-minutes", options.checkpoint_minutes, "Between checkpoints")->capture_default_str();
  command.add_option("--validate-every", options.validate_every, "Steps")->capture_default_str();
  command.add_option("--validation-crops", options.validation_crops, "Of held-out phantoms")->capture_default_str();
  command.add_option("--pool-crops", options.pool_crops, "Crops kept in memory")->capture_default_str();
  command.add_option("--uses-per-crop", options.uses_per_crop, "Before it is replaced")->capture_default_str();
  command.add_flag("!--no-refinement", options.refinement, "Without the refinement of clicks");
  command.add_flag("!--no-synergy", options.synergy, "Without the synergy of mask and attributes");
}

}  // namespace

void add_train(CLI::App& program, int& exit_code) {
  struct Given {
    TrainOptions options;
    std::filesystem::path export_to;
    std::string version = "0";
    int evaluation_crops = 100;
  };
  auto* command =
      program.add_subcommand("train", "Train a network on phantoms; interrupted, it goes on from its checkpoint");
  auto given = std::make_shared<Given>();
  declare_training(*command, given->options);
  command->add_option("--export", given->export_to,
                      "Instead of training, write the checkpoint's weights and manifest here");
  command->add_option("--version", given->version, "Of the exported weights")->capture_default_str();
  command->add_option("--evaluation-crops", given->evaluation_crops, "For the manifest's numbers")
      ->capture_default_str();
  command->callback([given, command, &exit_code] {
    given->options.command = "punctum train " + command->config_to_str();
    if (given->export_to.empty()) {
      exit_code = run_training(given->options);
    } else {
      export_checkpoint(given->options.folder / "checkpoint.pt", given->export_to, given->version,
                        given->evaluation_crops, print_line);
      exit_code = 0;
    }
  });
}

}  // namespace punctum::cli
