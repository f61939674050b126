#include "node/tools/show_command.hpp"

#include "node/cli/commands.hpp"

namespace punctum::cli {

void add_show(CLI::App& program, int& exit_code) {
  auto* command =
      program.add_subcommand("show", "Print a structured report as a table, a segmentation as numbers and a picture");
  auto options = std::make_shared<ShowOptions>();
  command->add_option("file", options->file, "A SEG or an SR")->required()->check(CLI::ExistingFile);
  command->add_option("--ct", options->ct_folder, "Folder with the CT that it was made from")
      ->check(CLI::ExistingDirectory);
  command->add_option("-o,--overlay", options->overlay, "Where to write the picture");
  command->add_flag("--json", options->json, "One JSON object instead of text");
  command->callback([options, &exit_code] { exit_code = run_show(*options); });
}

}  // namespace punctum::cli
