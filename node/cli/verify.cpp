#include "node/cli/commands.hpp"
#include "node/tools/verify_command.hpp"

namespace punctum::cli {

void add_verify(CLI::App& program, int& exit_code) {
  auto* command = program.add_subcommand(
      "verify", "Compare every stored file with its digest, and files and index with each other");
  auto options = std::make_shared<VerifyOptions>();
  command->add_option("--config", options->config, "The node's JSON file")->required();
  command->add_flag("--json", options->json, "One JSON object instead of text");
  command->callback([options, &exit_code] { exit_code = run_verify(*options); });
}

}  // namespace punctum::cli
