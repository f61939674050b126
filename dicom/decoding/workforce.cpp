#include "dicom/decoding/workforce.hpp"

#include <pthread.h>

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

#include "dicom/types/error.hpp"

namespace punctum {

Workforce::Workforce(Start start, std::size_t most, std::chrono::milliseconds idle)
    : start_(std::move(start)),
      most_(std::max<std::size_t>(most, 1)),
      idle_for_(idle),
      keeper_([this](const std::stop_token& stop) { keep(stop); }) {
  pthread_setname_np(keeper_.native_handle(), "decoding");
}

Workforce::~Workforce() = default;

Bytes Workforce::lend(const std::function<Bytes(Worker&)>& use) {
  auto worker = take();
  try {
    auto result = use(*worker);
    give_back(std::move(worker));
    return result;
  } catch (...) {
    dismiss(std::move(worker));  // what hostile bytes did to it is not known
    throw;
  }
}

std::unique_ptr<Worker> Workforce::take() {
  for (;;) {
    auto worker = wait_for_one();
    if (worker->is_waiting()) return worker;
    dismiss(std::move(worker));  // it ended while it had nothing to do, which is no image's fault
  }
}

std::unique_ptr<Worker> Workforce::wait_for_one() {
  std::unique_lock lock(mutex_);
  const auto failed_before = failed_starts_;
  ++waiting_;
  changed_.notify_all();
  changed_.wait(lock, [&] { return !idle_.empty() || failed_starts_ != failed_before; });
  --waiting_;
  if (idle_.empty()) throw DicomError(last_failure_);
  auto worker = std::move(idle_.back().worker);
  idle_.pop_back();
  return worker;
}

void Workforce::give_back(std::unique_ptr<Worker> worker) {
  const std::scoped_lock lock(mutex_);
  idle_.push_back({std::move(worker), std::chrono::steady_clock::now()});
  changed_.notify_all();
}

void Workforce::dismiss(std::unique_ptr<Worker> worker) {
  worker.reset();
  const std::scoped_lock lock(mutex_);
  --employed_;
  changed_.notify_all();
}

void Workforce::keep(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    changed_.wait_for(lock, stop, idle_for_, [this] { return one_more_is_wanted(); });
    const bool start = one_more_is_wanted() && !stop.stop_requested();
    if (start) ++employed_;
    auto leaving = without_work();
    lock.unlock();
    leaving.clear();
    if (start) start_one();
    lock.lock();
  }
  idle_.clear();
}

void Workforce::start_one() {
  std::unique_ptr<Worker> worker;
  std::string failure;
  try {
    worker = start_();
  } catch (const std::exception& error) {
    failure = error.what();
  }
  const std::scoped_lock lock(mutex_);
  if (worker) {
    idle_.push_back({std::move(worker), std::chrono::steady_clock::now()});
  } else {
    --employed_;
    ++failed_starts_;
    last_failure_ = failure;
  }
  changed_.notify_all();
}

std::vector<Workforce::Idle> Workforce::without_work() {
  const auto enough = std::chrono::steady_clock::now() - idle_for_;
  const auto first_to_stay = std::ranges::find_if(idle_, [&](const Idle& one) { return one.since > enough; });
  std::vector<Idle> leaving(std::make_move_iterator(idle_.begin()), std::make_move_iterator(first_to_stay));
  idle_.erase(idle_.begin(), first_to_stay);
  employed_ -= leaving.size();
  return leaving;
}

}  // namespace punctum
