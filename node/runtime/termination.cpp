#include "node/runtime/termination.hpp"

#include <pthread.h>

#include <cstdlib>
#include <utility>

#include "node/runtime/threads.hpp"

namespace punctum {
namespace {

/// What is told may hang on what hangs (a log that nobody reads): it gets a second, on a thread that nobody joins.
void tell_and_end(const std::function<void()>& tell) {
  try {
    std::thread(tell).detach();
    std::this_thread::sleep_for(std::chrono::seconds(1));
  } catch (...) {  // no thread to be had, or no memory for one: it ends untold
  }
  std::_Exit(EXIT_FAILURE);
}

}  // namespace

TerminationSignals::TerminationSignals() {
  sigemptyset(&set_);
  sigaddset(&set_, SIGTERM);
  sigaddset(&set_, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // NOLINT: no handler runs
}

int TerminationSignals::wait() const {
  int number = 0;
  while (sigwait(&set_, &number) != 0) {
  }
  return number;
}

EndWithin::EndWithin(std::chrono::milliseconds limit, std::function<void()> tell)
    : watch_(thread_name::end, [this, limit, tell = std::move(tell)](const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        over_.wait_for(lock, stop, limit, [&] { return stop.stop_requested(); });
        if (!stop.stop_requested()) tell_and_end(tell);
      }) {}

}  // namespace punctum
