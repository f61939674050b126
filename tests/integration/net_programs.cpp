#include "tests/integration/net_programs.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <random>
#include <thread>

#include "dicom/net/tcp.hpp"
#include "dicom/types/error.hpp"

namespace punctum::test {
namespace {

pid_t spawn(const std::vector<std::string>& command, int output) {
  std::vector<char*> arguments;
  for (const auto& each : command) arguments.push_back(const_cast<char*>(each.c_str()));
  arguments.push_back(nullptr);
  const auto process = fork();
  if (process == 0) {
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    execvp(arguments[0], arguments.data());
    _exit(127);
  }
  return process;
}

}  // namespace

ProgramResult run_program(const std::vector<std::string>& command) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  FileDescriptor reading(ends[0]), writing(ends[1]);
  const auto process = spawn(command, writing.get());
  writing.reset();
  ProgramResult result;
  std::array<char, 4096> chunk;
  for (ssize_t count; (count = ::read(reading.get(), chunk.data(), chunk.size())) > 0;) {
    result.output.append(chunk.data(), static_cast<std::size_t>(count));
  }
  int status = 0;
  waitpid(process, &status, 0);
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return result;
}

BackgroundProgram::BackgroundProgram(const std::vector<std::string>& command) {
  const FileDescriptor nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  process_ = spawn(command, nowhere.get());
}

BackgroundProgram::~BackgroundProgram() {
  kill(process_, SIGTERM);
  waitpid(process_, nullptr, 0);
}

std::uint16_t free_port() {
  std::mt19937 random(std::random_device{}());
  std::uniform_int_distribution<std::uint16_t> any(10000, 32000);
  for (int tries = 0; tries < 1000; ++tries) {
    try {
      return tcp::listen("127.0.0.1", any(random)).port;
    } catch (const NetworkError&) {
      continue;
    }
  }
  throw NetworkError("no free port of 127.0.0.1 between 10000 and 32000");
}

bool wait_for_listener(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (int i = 0; i < 500; ++i) {
    const FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

}  // namespace punctum::test
