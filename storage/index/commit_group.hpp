#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <span>
#include <vector>

#include "storage/index/index_writer.hpp"

namespace punctum {

/// Lets all callers that wait at the same time share one commit, without a thread and without a delay: the first to
/// come commits for itself at once; who comes meanwhile waits, and one of them then commits for all of them. Any
/// thread.
class CommitGroup {
 public:
  using Commit = std::function<void(std::span<PendingInstance* const>)>;
  /// @param commit  never runs twice at a time; what it throws becomes the failure of each in its group
  CommitGroup(Commit commit, std::size_t most) : commit_(std::move(commit)), most_(most) { group_.reserve(most); }

  /// Returns when `pending` has its result. Rethrows the failure of its group.
  void commit(PendingInstance& pending);

  std::size_t commits() const;  ///< how many there were

 private:
  void lead(std::unique_lock<std::mutex>& lock);

  Commit commit_;
  std::size_t most_;
  mutable std::mutex mutex_;
  std::condition_variable done_;
  std::vector<PendingInstance*> waiting_;
  std::vector<PendingInstance*> group_;  ///< the leader's; room for it is there, so that leading cannot fail
  bool committing_ = false;
  std::size_t commits_ = 0;
};

}  // namespace punctum
