#include "node/cli/commands.hpp"
#include "node/tools/delete_command.hpp"

namespace punctum::cli {

void add_delete(CLI::App& program, int& exit_code) {
  auto* command = program.add_subcommand("delete", "Remove studies for ever; what is undelivered holds a study");
  auto options = std::make_shared<DeleteOptions>();
  command->add_option("--study", options->studies, "Study Instance UID; may be given several times")->required();
  command->add_option("--config", options->config, "The node's JSON file")->required();
  command->add_flag("--even-undelivered", options->even_undelivered,
                    "Also what was not delivered or still has work to do");
  command->add_flag("--json", options->json, "One JSON object instead of text");
  command->callback([options, &exit_code] { exit_code = run_delete(*options); });
}

}  // namespace punctum::cli
