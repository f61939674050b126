// punctum-decode as hostile bytes might make it: the same loop in the same confinement, but a file that holds one of
// the words below has its way with it.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <string_view>
#include <vector>

#include "dicom/dcmtk/runtime.hpp"
#include "dicom/decoding/confinement.hpp"
#include "dicom/decoding/serve.hpp"

namespace {

using punctum::Bytes;
using punctum::ByteView;

Bytes bytes_of(std::string_view text) {
  const auto view = std::as_bytes(std::span(text));
  return {view.begin(), view.end()};
}

/// Names all that a confined process should not be able to do and can.
Bytes what_is_possible() {
  std::string possible;
  if (open("/etc/passwd", O_RDONLY) >= 0) possible += " open a file;";
  if (socket(AF_INET, SOCK_STREAM, 0) >= 0) possible += " open a socket;";
  if (dup(STDIN_FILENO) >= 0) possible += " have another descriptor;";
  if (fork() >= 0) possible += " start a process;";
  if (kill(getppid(), 0) == 0) possible += " send a signal;";
  if (mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED) {
    possible += " have code of its own;";
  }
  return bytes_of("possible:" + possible);
}

Bytes bloat() {
  std::vector<Bytes> all;
  for (;;) all.emplace_back(std::size_t{16} << 20);
}

[[noreturn]] void compute_without_end() {
  const volatile bool on = true;
  while (on) continue;
  _exit(1);
}

[[noreturn]] void wait_without_end() {
  for (char c = 0;;) (void)!read(STDIN_FILENO, &c, 1);
}

Bytes misbehave(punctum::Task task, ByteView file) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  const auto says = [&](std::string_view word) { return text.find(word) != std::string_view::npos; };
  if (says("PLEASE-CRASH")) std::raise(SIGSEGV);
  if (says("PLEASE-BE-KILLED")) std::raise(SIGKILL);
  if (says("PLEASE-ABORT")) std::abort();
  if (says("PLEASE-LEAVE")) _exit(7);
  if (says("PLEASE-COMPUTE")) compute_without_end();
  if (says("PLEASE-WAIT")) wait_without_end();
  if (says("PLEASE-BLOAT")) return bloat();
  if (says("PLEASE-CHATTER")) return Bytes(std::size_t{1} << 20);
  if (says("PLEASE-TRY")) return what_is_possible();
  return punctum::perform(task, file);
}

}  // namespace

int main() {
  const punctum::DcmtkRuntime dcmtk;
  const auto mapped = punctum::mapped_bytes();
  punctum::confine_this_process();
  punctum::serve_tasks(STDIN_FILENO, mapped, misbehave);
  _exit(0);
}
