#include "node/cli/commands.hpp"
#include "node/tools/events_command.hpp"

namespace punctum::cli {

void add_events(CLI::App& program, int& exit_code) {
  auto* command = program.add_subcommand("events", "Show what an operator should know of, newest first");
  auto options = std::make_shared<EventsOptions>();
  command->add_option("--config", options->config, "The node's JSON file")->required();
  command->add_option("--limit", options->limit, "How many to show")->capture_default_str();
  command->add_flag("--json", options->json, "One JSON object instead of text");
  command->callback([options, &exit_code] { exit_code = run_events(*options); });
}

}  // namespace punctum::cli
