#pragma once

#include <condition_variable>
#include <filesystem>
#include <future>
#include <mutex>
#include <set>
#include <thread>

#include "storage/blobs/posix_file.hpp"

namespace punctum {

/// Makes new file names durable (fsync of their folder) on a thread of its own, `blob-names`, while the storing thread
/// waits for the bytes: two waits for the disk at once instead of one after the other. All names that were asked for
/// since the last turn share one fsync. Any thread.
class NameSync {
 public:
  explicit NameSync(FileFault fault);
  NameSync(const NameSync&) = delete;
  NameSync& operator=(const NameSync&) = delete;
  ~NameSync();  ///< finishes what was asked for, joins

  /// Every name that is in the folder now is durable when the future is ready; it throws OutOfResources or
  /// StorageError.
  std::shared_future<void> request(const std::filesystem::path& folder);

 private:
  struct Turn {
    std::set<std::filesystem::path> folders;
    std::promise<void> done;
    std::shared_future<void> future = done.get_future().share();
  };
  void run();
  void synchronise(Turn& turn) const;

  FileFault fault_;
  std::mutex mutex_;
  std::condition_variable asked_;
  Turn next_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace punctum
