#include "node/tools/evaluate_command.hpp"

#include "inference/phantom/phantom.hpp"
#include "node/cli/commands.hpp"
#include "node/model_folder.hpp"

namespace punctum::cli {
namespace {

constexpr std::uint64_t first_fit_seed = 950'000, last_evaluation_seed = 999'999;

struct Given {
  std::string model = "compact", seeds;
  bool quick = false;
  std::vector<std::filesystem::path> compared;
  EvaluateOptions options;
};

void declare(CLI::App& command, Given& given) {
  auto& options = given.options;
  command.add_option("--model", given.model, "A shipped model's name or a folder")->capture_default_str();
  auto* seeds = command.add_option("--seeds", given.seeds,
                                   "Of phantoms: FIRST..LAST [900000..900049; with --fit 950000..950059]");
  auto* zero_shot =
      command.add_flag("--zero-shot", options.zero_shot,
                       "As many phantoms with stones and cysts, which are never trained on, in rows of their own");
  auto* manifest =
      command
          .add_option("--manifest", options.manifest, "Real lesions instead of phantoms (punctum dataset writes one)")
          ->check(CLI::ExistingFile)
          ->excludes(seeds)
          ->excludes(zero_shot);
  command.add_option("--split", options.splits, "Of the manifest; by default test and zero-shot")
      ->delimiter(',')
      ->needs(manifest);
  command.add_option("--cases", options.cases, "Stop when so many lesions are tried; 0: all")->capture_default_str();
  command.add_option("--clicks", options.clicks, "Simulated clicks per lesion")
      ->capture_default_str()
      ->check(CLI::Range(1, 100));
  command
      .add_option("--protocols", options.protocols,
                  "How the simulated reader clicks: jittered (the headline), deepest, random, together (jittered, but "
                  "all clicks at once); all by default")
      ->delimiter(',')
      ->check(CLI::IsMember({"jittered", "deepest", "random", "together"}));
  command.add_flag("--quick", given.quick, "For a decision during training: jittered only, 5 clicks");
  command.add_option("--seed", options.seed, "Of the simulated reader")->capture_default_str();
  command.add_option("--out", options.out,
                     "Folder for trials, results.json, report.md and pictures; an interrupted run goes on there");
  command.add_option("--worst", options.worst, "Pictures of so many lesions with the lowest DSC")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  command.add_option("--device", options.device, "auto, cpu or cuda")->capture_default_str();
  command.add_option("--threads", options.threads, "0: one for small crops, else all")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  command.add_option("--trust", options.trusted, "SHA-256 of a TorchScript program that may run as the model");
  command.add_flag("--fit", given.options.fit,
                   "Fit temperatures and abstention thresholds on lesions kept for that, and write them into the "
                   "model's manifest");
  command
      .add_option("--compare", given.compared,
                  "Instead of evaluating, compare two results.json lesion by lesion: paired bootstrap")
      ->expected(2)
      ->check(CLI::ExistingFile);
  command.add_flag("--json", options.json, "One JSON object instead of text");
}

void read_seeds(Given& given) {
  auto& options = given.options;
  if (given.seeds.empty()) given.seeds = options.fit ? "950000..950059" : "900000..900049";
  const auto dots = given.seeds.find("..");
  const bool good = dots != std::string::npos &&
                    CLI::detail::lexical_cast(given.seeds.substr(0, dots), options.first_seed) &&
                    CLI::detail::lexical_cast(given.seeds.substr(dots + 2), options.last_seed) &&
                    options.first_seed <= options.last_seed;
  if (!good) throw CLI::ValidationError("--seeds", "found \"" + given.seeds + "\", expected FIRST..LAST");
  if (!options.manifest.empty()) {
    if (options.fit && options.splits.empty()) options.splits = {"validation"};
    const auto untouched = [](const std::string& split) { return split != "validation"; };
    if (options.fit && std::ranges::any_of(options.splits, untouched)) {
      throw CLI::ValidationError("--split", "expected validation with --fit: the others are for training and testing");
    }
    return;
  }
  if (options.last_seed > last_evaluation_seed) {
    throw CLI::ValidationError(
        "--seeds", "found " + given.seeds + ", expected seeds up to " + std::to_string(last_evaluation_seed));
  }
  if (options.first_seed < first_evaluation_seed) {
    throw CLI::ValidationError("--seeds", "found " + given.seeds + ", expected seeds from " +
                                              std::to_string(first_evaluation_seed) +
                                              " on: those before are for training");
  }
  // What is fitted on the lesions of the test flatters itself there.
  if (options.fit && options.first_seed < first_fit_seed)
    throw CLI::ValidationError("--seeds", "found " + given.seeds +
                                              ", expected seeds from 950000 on with --fit: those "
                                              "before are for training and testing");
}

}  // namespace

void add_evaluate(CLI::App& program, int& exit_code) {
  auto* command = program.add_subcommand("evaluate", "Measure a model on lesions that it was never trained on");
  auto given = std::make_shared<Given>();
  declare(*command, *given);
  command->callback([given, &exit_code] {
    auto& options = given->options;
    if (!given->compared.empty()) {
      exit_code = run_compare(given->compared[0], given->compared[1], options.json);
      return;
    }
    read_seeds(*given);
    if (given->quick || options.fit) {
      options.protocols = {"jittered"};
      options.clicks = 5;
    }
    options.model = find_model_folder(given->model, std::filesystem::current_path());
    exit_code = run_evaluate(options);
  });
}

}  // namespace punctum::cli
