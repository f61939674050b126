#pragma once

#include <CLI/CLI.hpp>

/// One function a subcommand: declares its options and, when it is chosen, runs it and writes down the exit code
/// (0 done, 1 failed, 2 usage). Errors leave as exceptions; main() alone turns them into a message.
namespace punctum::cli {

void add_serve(CLI::App& program, int& exit_code);
void add_jobs(CLI::App& program, int& exit_code);
void add_send(CLI::App& program, int& exit_code);
void add_click(CLI::App& program, int& exit_code);
void add_show(CLI::App& program, int& exit_code);
void add_phantom(CLI::App& program, int& exit_code);
void add_import(CLI::App& program, int& exit_code);
void add_verify(CLI::App& program, int& exit_code);
void add_events(CLI::App& program, int& exit_code);
void add_delete(CLI::App& program, int& exit_code);
void add_train(CLI::App& program, int& exit_code);
void add_evaluate(CLI::App& program, int& exit_code);
void add_adopt(CLI::App& program, int& exit_code);
void add_study(CLI::App& program, int& exit_code);
void add_dataset(CLI::App& program, int& exit_code);

}  // namespace punctum::cli
