#include "node/runtime/termination.hpp"

#include <pthread.h>

#include <cstdlib>
#include <utility>

namespace punctum {

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
    : watch_([this, limit, tell = std::move(tell)](const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        over_.wait_for(lock, stop, limit, [&] { return stop.stop_requested(); });
        if (stop.stop_requested()) return;
        tell();
        std::_Exit(EXIT_FAILURE);
      }) {}

}  // namespace punctum
