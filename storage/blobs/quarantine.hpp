#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string_view>

namespace punctum {

/// DATA/quarantine: files that could not be understood, each with NAME.reason.txt beside it. Bounded for what peers
/// send: the oldest make room, and a file larger than all of it is not kept, only its reason is. Any thread.
class Quarantine {
 public:
  Quarantine(std::filesystem::path folder, std::uint64_t most_bytes);  ///< creates the folder. @throws StorageError

  /// Moves the file in. @throws StorageError
  void take_in(const std::filesystem::path& file, std::string_view reason);
  /// Moves what may be the only copy to quarantine/found, whatever its size. Only an operator removes it from there.
  void set_aside(const std::filesystem::path& file, std::string_view reason);

 private:
  void make_room(std::uint64_t bytes);

  std::filesystem::path folder_, found_;
  std::uint64_t most_bytes_;
  std::mutex mutex_;
  struct Held {
    std::size_t files = 0;
    std::uint64_t bytes = 0;
  };
  std::optional<Held> held_;  ///< since the folder was last looked through; an operator may have taken some away
};

}  // namespace punctum
