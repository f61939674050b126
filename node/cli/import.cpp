#include "node/cli/commands.hpp"
#include "node/tools/import_command.hpp"

namespace punctum::cli {

void add_import(CLI::App& program, int& exit_code) {
  auto* command = program.add_subcommand("import", "Take files of a folder into the archive of a node that is stopped");
  auto options = std::make_shared<ImportOptions>();
  command->add_option("paths", options->paths, "Files and folders; run it again to go on where it was broken off")
      ->required();
  command->add_option("--config", options->config, "The node's JSON file")->required();
  command->add_flag("--json", options->json, "One JSON object instead of text");
  command->callback([options, &exit_code] { exit_code = run_import(*options); });
}

}  // namespace punctum::cli
