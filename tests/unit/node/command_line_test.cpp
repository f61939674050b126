#include "node/cli/command_line.hpp"

#include <gtest/gtest.h>

namespace punctum::cli {
namespace {

TEST(CommandLine, SaysWhatWasTypedSoThatAShellTakesIt) {
  CLI::App program("p", "punctum");
  auto* command = program.add_subcommand("train");
  std::string config, folder = "build/training", licence;
  std::vector<std::string> splits;
  int steps = 0;
  bool quick = false;
  command->add_option("--config", config);
  command->add_option("--folder", folder)->capture_default_str();
  command->add_option("--split", splits)->delimiter(',');
  command->add_option("--steps", steps);
  command->add_option("--licence", licence);
  command->add_flag("--quick", quick);
  program.parse("train --quick --steps 50 --config \"my file's.json\" --split a,b", false);
  EXPECT_EQ(command_line_of(*command), "punctum train --config 'my file'\\''s.json' --split a b --steps 50 --quick");
}

TEST(CommandLine, OfNothingTypedIsTheCommandAlone) {
  CLI::App program("p", "punctum");
  std::string folder = "x";
  auto* command = program.add_subcommand("study");
  command->add_option("--folder", folder)->capture_default_str();
  program.parse("study", false);
  EXPECT_EQ(command_line_of(*command), "punctum study");
}

}  // namespace
}  // namespace punctum::cli
