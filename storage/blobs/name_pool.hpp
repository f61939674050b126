#pragma once

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "storage/blobs/posix_file.hpp"

namespace punctum {

/// Empty files under random names whose names are on the disk already. A batch of them costs one fsync of the folder,
/// so that keeping an instance costs none, on whatever file system. Any thread.
class NamePool {
 public:
  NamePool(std::filesystem::path blobs, const FileFault& fault) : blobs_(std::move(blobs)), fault_(fault) {}
  NamePool(const NamePool&) = delete;
  NamePool& operator=(const NamePool&) = delete;
  ~NamePool();  ///< removes what nobody took

  /// "FAN/NAME" of an empty file below the folder; nobody else gets it. @throws OutOfResources, StorageError
  std::string take();

 private:
  std::vector<std::string> prepare();
  std::string fan_for(const std::string& name);

  std::filesystem::path blobs_;
  const FileFault& fault_;
  std::mutex mutex_;
  std::condition_variable filled_;
  std::vector<std::string> ready_;
  bool preparing_ = false;
  std::string fan_;  // neighbours in time share a folder
  std::size_t fan_use_ = 0;
};

}  // namespace punctum
