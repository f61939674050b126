#include "node/tools/send_command.hpp"

#include "node/cli/commands.hpp"
#include "node/cli/values.hpp"

namespace punctum::cli {

void add_send(CLI::App& program, int& exit_code) {
  struct Given {
    std::vector<std::string> paths;
    std::string to, calling = "PUNCTUM";
    int timeout_s = 30;
    bool json = false;
  };
  auto* command = program.add_subcommand("send", "Send DICOM files or folders to a peer by C-STORE");
  auto given = std::make_shared<Given>();
  command->add_option("paths", given->paths, "Files or folders")->required()->check(CLI::ExistingPath);
  command->add_option("--to", given->to, "AET@HOST:PORT")->required();
  command->add_option("--aet", given->calling, "Own AE title")->capture_default_str();
  command->add_option("--timeout", given->timeout_s, "Seconds to wait for an answer")->capture_default_str();
  command->add_flag("--json", given->json, "One JSON object instead of text");
  command->callback([given, &exit_code] {
    SendCommandOptions options{{given->paths.begin(), given->paths.end()}, peer_of(given->to)};
    options.calling = ae_title_of("--aet", given->calling);
    options.timeout = std::chrono::seconds(given->timeout_s);
    options.json = given->json;
    exit_code = run_send(options);
  });
}

}  // namespace punctum::cli
