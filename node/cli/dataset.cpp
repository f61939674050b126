#include "node/tools/dataset_command.hpp"

#include "node/cli/commands.hpp"

namespace punctum::cli {

void add_dataset(CLI::App& program, int& exit_code) {
  struct Given {
    DatasetOptions options;
    std::string layout;
    std::vector<std::string> zero_shot;
  };
  auto* command = program.add_subcommand("dataset", "Write the manifest of a data set of lesions to train or test on");
  auto given = std::make_shared<Given>();
  auto& from = given->options.from;
  command->add_option("layout", given->layout, "How it is laid out")
      ->required()
      ->check(CLI::IsMember({"kits", "decathlon", "sts", "lung-phantom", "plain"}));
  command->add_option("folder", from.folder, "Where it lies")->required()->check(CLI::ExistingDirectory);
  command->add_option("-o,--out", given->options.manifest, "The manifest, JSON lines")->required();
  command->add_flag("--append", given->options.append, "Keep the lines that the manifest has");
  command->add_option("--label", from.labels, "Label ids that are lesions, instead of those that the layout knows")
      ->check(CLI::Range(1, 255));
  command->add_option("--type", from.type, "Type of the lesions, instead of what the layout knows");
  command->add_option("--zero-shot", given->zero_shot, "Types of lesion that no training image may show");
  command->add_option("--licence", from.licence, "SPDX identifier, instead of what the layout knows");
  command->add_flag("--check", given->options.check, "Load every case and say what it holds");
  command->add_flag("--json", given->options.json, "One JSON object instead of text");
  command->callback([given, &exit_code] {
    given->options.layout = *layout_named(given->layout);
    given->options.from.zero_shot_types = {given->zero_shot.begin(), given->zero_shot.end()};
    exit_code = run_dataset(given->options);
  });
}

}  // namespace punctum::cli
