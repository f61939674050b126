#include "node/cli/commands.hpp"
#include "node/serve_command.hpp"

namespace punctum::cli {

void add_serve(CLI::App& program, int& exit_code) {
  auto* command = program.add_subcommand("serve", "Run the node until SIGTERM or SIGINT");
  auto options = std::make_shared<ServeOptions>();
  command->add_option("--config", options->config, "The node's JSON file")->required();
  command->add_flag("--verbose", options->verbose, "Log at debug level");
  command->callback([options, &exit_code] { exit_code = run_serve(*options); });
}

}  // namespace punctum::cli
