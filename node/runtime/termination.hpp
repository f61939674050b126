#pragma once

#include <csignal>

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

}  // namespace punctum
