#include "dicom/decoding/worker.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "dicom/decoding/stream.hpp"
#include "dicom/decoding/wire.hpp"
#include "dicom/types/error.hpp"
#include "dicom/types/want_of_resources.hpp"

namespace punctum {
namespace {

std::string reason(int error) { return std::generic_category().message(error); }

/// What a decoder may know of the node's environment: where libraries and the data dictionary lie, and what a build
/// with sanitizers shall do.
std::vector<char*> environment() {
  std::vector<char*> chosen;
  for (char** one = environ; one != nullptr && *one != nullptr; ++one) {
    const std::string_view text(*one);
    const bool wanted = text.starts_with("LD_LIBRARY_PATH=") || text.starts_with("DCMDICTPATH=") ||
                        text.substr(0, text.find('=')).ends_with("SAN_OPTIONS");
    if (wanted) chosen.push_back(*one);
  }
  chosen.push_back(nullptr);
  return chosen;
}

/// How the new process begins: a socket as its standard input and nothing else open, in a process group of its own so
/// that Ctrl-C in a terminal means the node alone, no signal blocked or ignored.
class SpawnPlan {
 public:
  explicit SpawnPlan(int socket) {
    posix_spawn_file_actions_init(&files_);
    posix_spawn_file_actions_adddup2(&files_, socket, STDIN_FILENO);
    posix_spawn_file_actions_addopen(&files_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files_, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&files_, STDERR_FILENO + 1);
    posix_spawnattr_init(&attributes_);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnPlan() {
    posix_spawnattr_destroy(&attributes_);
    posix_spawn_file_actions_destroy(&files_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  pid_t start(const std::string& program) const {
    std::string name = program;
    std::array<char*, 2> arguments{name.data(), nullptr};
    auto variables = environment();
    pid_t process = -1;
    const int error = posix_spawn(&process, program.c_str(), &files_, &attributes_, arguments.data(), variables.data());
    if (error == 0) return process;
    const auto why = "cannot start decoder " + program + ": " + reason(error);
    if (is_want_of_resources(error)) throw OutOfResources(why);
    throw DicomError(why);
  }

 private:
  posix_spawn_file_actions_t files_;
  posix_spawnattr_t attributes_;
};

std::string how_it_ended(int status, const WorkLimits& limits) {
  if (WIFEXITED(status)) return "the decoder ended by itself (exit code " + std::to_string(WEXITSTATUS(status)) + ")";
  const int signal = WTERMSIG(status);
  if (signal == SIGPROF) {
    return "the decoder computed for more than " + std::to_string(limits.processor.count()) + " s and was stopped";
  }
  const char* name = sigabbrev_np(signal);
  return std::string(signal == SIGKILL ? "the decoder was killed (SIG" : "the decoder crashed (SIG") +
         (name == nullptr ? std::to_string(signal) : name) + ")";
}

/// The words of a decoder that foreign bytes may have taken over: printable, and not many.
std::string tame(const Bytes& bytes) {
  std::string text;
  for (const auto byte : bytes) {
    const auto c = static_cast<char>(byte);
    text += c >= ' ' && c <= '~' ? c : '?';
  }
  return text;
}

}  // namespace

Worker::Worker(const std::filesystem::path& program, std::chrono::milliseconds patience) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw OutOfResources("cannot start decoder: no socket: " + reason(errno));
  }
  channel_.reset(ends[0]);
  FileDescriptor theirs(ends[1]);
  process_ = SpawnPlan(theirs.get()).start(program.string());
  theirs.reset();
  wire::Hello hello;
  hello.magic = 0;
  const auto got = stream::read_all(channel_.get(), stream::bytes_of(hello), stream::Clock::now() + patience);
  if (got == stream::Moved::all && hello.magic == wire::magic) {
    mapped_bytes_ = hello.mapped_bytes;
    return;
  }
  const int status = end();
  throw DicomError("cannot start decoder " + program.string() + ": " +
                   (got == stream::Moved::late  ? "it is not ready within " + std::to_string(patience.count()) + " ms"
                    : got == stream::Moved::all ? "it is not of this build"
                                                : how_it_ended(status, {})));
}

Worker::~Worker() { end(); }

/// @return what waitpid says. A process whose end of the socket is closed has its own end already: to kill it then
/// does not change how it died.
int Worker::end() {
  if (process_ < 0) return 0;
  ::kill(process_, SIGKILL);
  int status = 0;
  while (waitpid(process_, &status, 0) < 0 && errno == EINTR) continue;
  process_ = -1;
  channel_.reset();
  return status;
}

bool Worker::is_waiting() const {
  pollfd one{channel_.get(), POLLIN, 0};
  return process_ > 0 && ::poll(&one, 1, 0) == 0;  // nothing to read, not even the end
}

void Worker::limit_memory(std::uint64_t bytes) {
  const auto wanted = mapped_bytes_ + bytes;
  if (wanted == memory_limit_) return;
  rlimit now{};
  if (prlimit(process_, RLIMIT_AS, nullptr, &now) != 0) fail("its memory cannot be limited: " + reason(errno));
  now.rlim_cur = std::min<rlim_t>(wanted, now.rlim_max);
  if (prlimit(process_, RLIMIT_AS, &now, nullptr) != 0) fail("its memory cannot be limited: " + reason(errno));
  memory_limit_ = wanted;
}

void Worker::fail(const std::string& why) const { throw DicomError("cannot decode pixels: " + why); }

void Worker::explain_loss(bool late, const WorkLimits& limits) {
  const int status = end();
  if (late) fail("the decoder gave no answer within " + std::to_string(limits.wall.count()) + " ms and was stopped");
  fail(how_it_ended(status, limits));
}

Bytes Worker::ask(Task task, ByteView file, const WorkLimits& limits) {
  limit_memory(limits.memory_bytes);
  const auto until = stream::Clock::now() + limits.wall;
  const auto require = [&](stream::Moved moved) {
    if (moved != stream::Moved::all) explain_loss(moved == stream::Moved::late, limits);
  };
  wire::RequestHead request{static_cast<std::uint32_t>(task), static_cast<std::uint32_t>(limits.processor.count()),
                            file.size()};
  require(stream::write_all(channel_.get(), stream::bytes_of(request), until));
  require(stream::write_all(channel_.get(), file, until));

  wire::AnswerHead head;
  require(stream::read_all(channel_.get(), stream::bytes_of(head), until));
  const auto outcome = static_cast<wire::Outcome>(head.outcome);
  const auto longest = outcome == wire::Outcome::done ? limits.answer_bytes : wire::longest_text;
  if (head.bytes > longest) {
    fail("the decoder answers with " + std::to_string(head.bytes) + " bytes, expected at most " +
         std::to_string(longest));
  }
  Bytes answer(head.bytes);
  require(stream::read_all(channel_.get(), answer, until));
  switch (outcome) {
    case wire::Outcome::done:
      return answer;
    case wire::Outcome::refusal:
      throw Refusal(tame(answer));
    case wire::Outcome::dicom_error:
      throw DicomError(tame(answer));
    case wire::Outcome::no_memory:
      fail("more than " + std::to_string(limits.memory_bytes >> 20) + " MiB of memory would be needed");
  }
  fail("the decoder gave an answer that is none (" + std::to_string(head.outcome) + ")");
}

}  // namespace punctum
