#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace punctum::test {

struct ProgramResult {
  int exit_code = -1;
  std::string output;  ///< both streams
};

/// Runs a program of the PATH to its end. Exit code 127: it is not installed.
ProgramResult run_program(const std::vector<std::string>& command);

/// A program that runs until the end of the scope.
class BackgroundProgram {
 public:
  explicit BackgroundProgram(const std::vector<std::string>& command);
  ~BackgroundProgram();
  BackgroundProgram(const BackgroundProgram&) = delete;
  BackgroundProgram& operator=(const BackgroundProgram&) = delete;

 private:
  pid_t process_ = -1;
};

/// A loopback port that was free a moment ago, and none of those that the system gives to outgoing connections.
std::uint16_t free_port();
/// Waits until somebody listens there. @return whether that happened within ten seconds.
bool wait_for_listener(std::uint16_t port);

}  // namespace punctum::test
