#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "dicom/decoding/worker.hpp"

namespace punctum {

/// A few workers that are started when they are needed, lent to one thread at a time, and ended when they have had
/// nothing to do for a while. A worker that failed is never used again. Any thread; outlives every call.
class Workforce {
 public:
  using Start = std::function<std::unique_ptr<Worker>()>;  ///< throws DicomError

  /// @param start called on one thread of this object, which lives as long as it does. @param most at a time; who comes
  /// when all are busy waits. @param idle after which a worker is ended, earlier or later by as much.
  Workforce(Start start, std::size_t most, std::chrono::milliseconds idle);
  ~Workforce();

  /// Lends a worker to `use`. @throws what `use` throws; DicomError if no worker can be started.
  Bytes lend(const std::function<Bytes(Worker&)>& use);

 private:
  struct Idle {
    std::unique_ptr<Worker> worker;
    std::chrono::steady_clock::time_point since;
  };
  std::unique_ptr<Worker> take();
  std::unique_ptr<Worker> wait_for_one();
  void give_back(std::unique_ptr<Worker> worker);
  void dismiss(std::unique_ptr<Worker> worker);
  void keep(const std::stop_token& stop);
  void start_one();
  bool one_more_is_wanted() const { return waiting_ > idle_.size() && employed_ < most_; }
  std::vector<Idle> without_work();

  Start start_;
  std::size_t most_;
  std::chrono::milliseconds idle_for_;
  std::mutex mutex_;  // of all below
  std::condition_variable_any changed_;
  std::vector<Idle> idle_;  ///< the one that waits longest first
  std::size_t employed_ = 0, waiting_ = 0, failed_starts_ = 0;
  std::string last_failure_;
  std::jthread keeper_;  ///< last: uses all of the above
};

}  // namespace punctum
