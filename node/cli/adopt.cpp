#include "node/tools/adopt_command.hpp"

#include <memory>

#include "node/cli/commands.hpp"

namespace punctum::cli {

void add_adopt(CLI::App& program, int& exit_code) {
  auto* command = program.add_subcommand("adopt", "Make a model of weights from elsewhere");
  auto options = std::make_shared<AdoptOptions>();
  command
      ->add_option("weights", options->weights.file,
                   "SAM-Med3D's tensors (.safetensors), or a TorchScript program (.pt, .ts)")
      ->required()
      ->check(CLI::ExistingFile);
  command->add_option("-o,--out", options->folder, "Folder that becomes the model")->required();
  command->add_option("--licence", options->weights.licence, "SPDX expression of the weights")
      ->required()
      ->check([](const std::string& given) { return given.empty() ? std::string("expected an expression") : ""; });
  command->add_option("--use", options->weights.use, "What the licences of their training data leave open")
      ->check(CLI::IsMember({"commercial", "research"}))
      ->capture_default_str();
  command->add_option("--name", options->weights.name, "Of the model, as reports give it");
  command->add_option("--version", options->weights.version, "Of the model")->capture_default_str();
  command->add_option("--statement", options->weights.statement, "What they were trained on, for the manifest");
  command->add_option("--mask-level", options->weights.mask_level, "Logits above it are lesion")
      ->check(CLI::Range(-4.0, 4.0))
      ->capture_default_str();
  command->add_option("--crop", options->weights.crop, "Of a program: voxels per side of the cube that it sees")
      ->capture_default_str();
  command->add_option("--spacing", options->weights.spacings_mm, "Of a program: voxel sizes in mm, finest first")
      ->delimiter(',')
      ->capture_default_str();
  command->add_flag("--attributes", options->weights.attributes, "Of a program: its attributes are worth reporting");
  command->add_flag("--json", options->json, "One JSON object instead of text");
  command->callback([options, &exit_code] { exit_code = run_adopt(*options); });
}

}  // namespace punctum::cli
