#pragma once

#include <filesystem>
#include <string>

#include "storage/blobs/posix_file.hpp"

namespace punctum {

/// The hold on a data folder: DATA/lock, locked as long as this lives, so that one process at a time has the folder.
/// The file also says under which start of the machine the folder was last in use.
class DataFolder {
 public:
  /// Creates the folder if need be. @throws StorageError if it cannot be written or another process has it.
  explicit DataFolder(const std::filesystem::path& path);

  /// Whether the machine has been up since the folder was last in use. Then no power was lost: whatever was written
  /// before a process died is still whole, even where it had not reached the disk.
  bool same_boot() const { return same_boot_; }
  void note_this_boot();  ///< from now on the answer above is about this start

 private:
  std::filesystem::path path_;
  FileDescriptor lock_;
  bool same_boot_ = false;
};

}  // namespace punctum
