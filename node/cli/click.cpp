#include "node/tools/click_command.hpp"

#include "node/cli/commands.hpp"
#include "node/cli/values.hpp"

namespace punctum::cli {
namespace {

std::vector<PatientPoint> points_of(const std::string& option, const std::vector<std::string>& texts) {
  std::vector<PatientPoint> out;
  for (const auto& text : texts) {
    const auto point = parse_lps(text);
    if (!point) throw CLI::ValidationError(option, "found \"" + text + "\", expected X,Y,Z in mm");
    out.push_back(*point);
  }
  return out;
}

}  // namespace

void add_click(CLI::App& program, int& exit_code) {
  struct Given {
    std::vector<std::string> lps, negative;
    std::string tracking_uid, to, calling = "PUNCTUM", output;
    ClickOptions options;
  };
  auto* command =
      program.add_subcommand("click", "Write, and send, the presentation state that a viewer would save after a click");
  auto given = std::make_shared<Given>();
  command->add_option("ct", given->options.ct_folder, "Folder with the CT series")
      ->required()
      ->check(CLI::ExistingDirectory);
  command->add_option("--lps", given->lps, "X,Y,Z in mm: a click on the lesion; may be repeated")->required();
  command->add_option("--negative", given->negative, "X,Y,Z in mm: a click beside the lesion; may be repeated");
  command->add_option("--tracking-uid", given->tracking_uid, "Of an earlier round: corrects that lesion");
  command->add_option("--tracking-id", given->options.tracking_id, "Label of the lesion");
  command->add_option("--creator", given->options.creator, "The reader, NAME^GIVEN");
  command->add_option("-o,--output", given->output, "Where to write the presentation state");
  command->add_option("--to", given->to, "Where to send it: AET@HOST:PORT");
  command->add_option("--aet", given->calling, "Own AE title")->capture_default_str();
  command->add_flag("--json", given->options.json, "One JSON object instead of text");
  command->callback([given, &exit_code] {
    auto& options = given->options;
    options.on_lesion = points_of("--lps", given->lps);
    options.beside_lesion = points_of("--negative", given->negative);
    if (!given->tracking_uid.empty()) {
      options.tracking_uid = Uid::parse(given->tracking_uid);
      if (!options.tracking_uid) throw CLI::ValidationError("--tracking-uid", "found no UID");
    }
    if (!given->output.empty()) options.output = given->output;
    if (!given->to.empty()) options.to = peer_of(given->to);
    options.calling = ae_title_of("--aet", given->calling);
    exit_code = run_click(options);
  });
}

}  // namespace punctum::cli
