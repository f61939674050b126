#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace punctum {

/// A bell between two threads: who waits sleeps until it rings, a stop is asked for, or the time is over. A ring while
/// nobody waits is remembered. Any thread.
class WakeUp {
 public:
  void ring() {
    {
      const std::scoped_lock lock(mutex_);
      rung_ = true;
    }
    bell_.notify_all();
  }

  void wait(const std::stop_token& stop, std::chrono::milliseconds at_most) {
    std::unique_lock lock(mutex_);
    bell_.wait_for(lock, stop, at_most, [this] { return rung_; });
    rung_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any bell_;
  bool rung_ = false;
};

}  // namespace punctum
