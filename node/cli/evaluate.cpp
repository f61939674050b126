#include "node/tools/evaluate_command.hpp"

#include "node/cli/commands.hpp"
#include "node/model_folder.hpp"

namespace punctum::cli {

void add_evaluate(CLI::App& program, int& exit_code) {
  struct Given {
    std::string model = "compact", seeds = "900000..900049";
    EvaluateOptions options;
  };
  auto* command = program.add_subcommand("evaluate", "Measure a model on phantoms that it was never trained on");
  auto given = std::make_shared<Given>();
  command->add_option("--model", given->model, "A shipped model's name or a folder")->capture_default_str();
  command->add_option("--seeds", given->seeds, "FIRST..LAST")->capture_default_str();
  command->add_option("--clicks", given->options.clicks, "Simulated clicks per lesion")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--device", given->options.device, "auto, cpu or cuda")->capture_default_str();
  command->add_option("--threads", given->options.threads, "0: all")->capture_default_str();
  command->add_flag("--json", given->options.json, "One JSON object instead of text");
  command->callback([given, &exit_code] {
    auto& options = given->options;
    const auto dots = given->seeds.find("..");
    const bool good = dots != std::string::npos &&
                      CLI::detail::lexical_cast(given->seeds.substr(0, dots), options.first_seed) &&
                      CLI::detail::lexical_cast(given->seeds.substr(dots + 2), options.last_seed);
    if (!good) throw CLI::ValidationError("--seeds", "found \"" + given->seeds + "\", expected FIRST..LAST");
    options.model = find_model_folder(given->model, std::filesystem::current_path());
    exit_code = run_evaluate(options);
  });
}

}  // namespace punctum::cli
