#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>

#include "dicom/dcmtk/runtime.hpp"
#include "dicom/types/error.hpp"
#include "node/cli/commands.hpp"

/// The one program. Declares the commands, runs the chosen one, and alone turns errors into messages and exit codes.
int main(int argc, char** argv) {
  using namespace punctum;
  constexpr int failed = 1, usage = 2;
  try {
    const DcmtkRuntime dcmtk;
    CLI::App program("Punctum: a click in, a segmentation and a structured report out", "punctum");
    program.set_version_flag("--version", PUNCTUM_VERSION);
    program.require_subcommand(1);
    int exit_code = 0;
    cli::add_serve(program, exit_code);
    cli::add_jobs(program, exit_code);
    cli::add_send(program, exit_code);
    cli::add_click(program, exit_code);
    cli::add_show(program, exit_code);
    cli::add_phantom(program, exit_code);
    cli::add_import(program, exit_code);
    cli::add_verify(program, exit_code);
    cli::add_events(program, exit_code);
    cli::add_delete(program, exit_code);
    cli::add_train(program, exit_code);
    cli::add_evaluate(program, exit_code);
    cli::add_adopt(program, exit_code);
    cli::add_study(program, exit_code);
    cli::add_dataset(program, exit_code);
    try {
      program.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return program.exit(error) == 0 ? 0 : usage;  // --help and --version end here too, with 0
    }
    return exit_code;
  } catch (const ConfigError& error) {
    std::cerr << "punctum: " << error.what() << "\n";
    return usage;
  } catch (const std::exception& error) {
    std::cerr << "punctum: " << error.what() << "\n";
    return failed;
  }
}
