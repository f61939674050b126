#pragma once

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <functional>
#include <mutex>

#include "node/runtime/threads.hpp"

namespace punctum {

/// SIGTERM and SIGINT as something to wait for instead of handlers. Make it before any thread starts, so that every
/// thread inherits the blocked mask; SIGPIPE is ignored with it, since peers hang up.
class TerminationSignals {
 public:
  TerminationSignals();
  int wait() const;  ///< main thread; returns the signal's number

 private:
  sigset_t set_{};
};

/// Ends the process with exit code 1 unless it is destroyed within that time: a job, a decoder or a peer that hangs
/// shall not hold up the end of a program whose every promise is on disk already.
class EndWithin {
 public:
  /// @param tell called a second before the end, from a thread of its own. @throws std::system_error: no thread
  EndWithin(std::chrono::milliseconds limit, std::function<void()> tell);

 private:
  std::mutex mutex_;
  std::condition_variable_any over_;
  NamedThread watch_;
};

}  // namespace punctum
