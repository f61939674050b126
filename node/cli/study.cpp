#include <csignal>
#include <iostream>

#include "node/cli/command_line.hpp"
#include "node/cli/commands.hpp"
#include "node/tools/study_command.hpp"

namespace punctum::cli {
namespace {

volatile std::sig_atomic_t interrupted = 0;

void interrupt(int) { interrupted = 1; }

struct Given {
  std::filesystem::path config, folder = "build/study";
  int seeds = 0;
};

int run(const Given& given, const std::string& command) {
  StudyOptions options;
  options.config = read_study_config(given.config);
  if (given.seeds > 0) options.config.seeds = given.seeds;
  options.folder = given.folder;
  options.command = command;
  options.version = PUNCTUM_VERSION;
  options.said = [](const std::string& line) { std::cout << line << std::endl; };
  options.stop = [] { return interrupted != 0; };
  std::signal(SIGINT, interrupt);  // the checkpoint is written before it ends
  std::signal(SIGTERM, interrupt);
  const bool done = run_study(options);
  std::cout << (done ? "written to " : "interrupted; the same command goes on from ") << given.folder.string() << "\n";
  return done ? 0 : 1;
}

}  // namespace

void add_study(CLI::App& program, int& exit_code) {
  auto* command = program.add_subcommand(
      "study", "Train variants and baselines under one budget and compare them; interrupted, it goes on");
  auto given = std::make_shared<Given>();
  command->add_option("--config", given->config, "Arms, seeds, training and lesions (JSON)")
      ->required()
      ->check(CLI::ExistingFile);
  command->add_option("--folder", given->folder, "Holds trainings, evaluations, study.json and study.md")
      ->capture_default_str();
  command->add_option("--seeds", given->seeds, "Trainings an arm, instead of the file's")->check(CLI::PositiveNumber);
  command->callback([given, command, &exit_code] { exit_code = run(*given, command_line_of(*command)); });
}

}  // namespace punctum::cli
