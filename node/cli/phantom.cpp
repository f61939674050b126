#include "node/tools/phantom_command.hpp"

#include "node/cli/commands.hpp"

namespace punctum::cli {

void add_phantom(CLI::App& program, int& exit_code) {
  auto* command =
      program.add_subcommand("phantom", "Write synthetic CT series with lesions of known mask and attributes");
  auto options = std::make_shared<PhantomOptions>();
  command->add_option("--out", options->out, "Folder that receives case-SEED")->required();
  command->add_option("--seed", options->seed, "Of the first case; from 900000 on: evaluation")->required();
  command->add_option("--count", options->count, "How many cases")->capture_default_str()->check(CLI::PositiveNumber);
  auto* type = command->add_option("--type", options->type, "Only stones in fluid, or only cysts: never trained on")
                   ->check(CLI::IsMember({"stone", "cyst"}));
  command->add_option("--background", options->backgrounds, "CT series to render the lesions into, one folder each")
      ->check(CLI::ExistingDirectory)
      ->excludes(type);
  auto* manifest =
      command
          ->add_option("--manifest", options->manifest,
                       "Images of a data set's manifest to render into, their own lesions kept free; all of the split "
                       "are held in memory")
          ->check(CLI::ExistingFile)
          ->excludes(type);
  command->add_option("--split", options->split, "Of the manifest: train, validation, test or zero-shot")
      ->capture_default_str()
      ->check(CLI::IsMember({"train", "validation", "test", "zero-shot"}))
      ->needs(manifest);
  command
      ->add_option("--shapes", options->shapes,
                   "Real lesion shapes, into phantoms or backgrounds: folder of .nii[.gz] or .zip, or a .shapes pack")
      ->check(CLI::ExistingPath)
      ->excludes(type);
  command->add_option("--body-part", options->body_part, "That the backgrounds show, e.g. CHEST")
      ->capture_default_str();
  command->add_flag("--json", options->json, "One JSON object instead of text");
  command->callback([options, &exit_code] { exit_code = run_phantom(*options); });
}

}  // namespace punctum::cli
