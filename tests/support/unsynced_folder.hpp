#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace punctum::test {

/// A folder on a disk that loses what was not synced when the power is cut (unsynced_shim.cpp). The program that works
/// in it must be started with environment().
class UnsyncedFolder {
 public:
  /// @param folder that the program will use. @param state a place of its own for what is synced.
  UnsyncedFolder(std::filesystem::path folder, std::filesystem::path state);

  /// @param forget "files", "folders" or "blobs": syncs of these are without effect. @param luck_percent how many
  /// writes reach the disk without a sync.
  std::map<std::string, std::string> environment(const std::string& forget = "", int luck_percent = 0) const;

  struct Loss {
    std::size_t names = 0;  ///< files that are gone
    std::size_t bytes = 0;  ///< in files that have become shorter
  };
  /// Once the program was killed: leaves in the folder only what was synced.
  Loss cut_power() const;

 private:
  std::filesystem::path folder_, state_;
};

}  // namespace punctum::test
