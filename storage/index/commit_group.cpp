#include "storage/index/commit_group.hpp"

#include <algorithm>

namespace punctum {

void CommitGroup::commit(PendingInstance& pending) {
  std::unique_lock lock(mutex_);
  waiting_.push_back(&pending);
  while (!pending.settled) {
    if (committing_) {
      done_.wait(lock);
    } else {
      lead(lock);
    }
  }
  if (pending.failure) std::rethrow_exception(pending.failure);
}

void CommitGroup::lead(std::unique_lock<std::mutex>& lock) {
  const auto number = static_cast<std::ptrdiff_t>(std::min(most_, waiting_.size()));
  group_.assign(waiting_.begin(), waiting_.begin() + number);
  waiting_.erase(waiting_.begin(), waiting_.begin() + number);
  committing_ = true;
  lock.unlock();
  std::exception_ptr failure;
  try {
    commit_(group_);
  } catch (...) {
    failure = std::current_exception();
  }
  lock.lock();
  committing_ = false;
  ++commits_;
  for (auto* one : group_) {
    one->failure = failure;
    one->settled = true;
  }
  done_.notify_all();
}

std::size_t CommitGroup::commits() const {
  const std::lock_guard lock(mutex_);
  return commits_;
}

}  // namespace punctum
