#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

namespace punctum {

/// Bytes laid down in a file without a name and mapped: the system keeps in memory what is used and there is room for,
/// so there may be more of them than memory. Gone with the last copy, whatever ends the program. Any thread reads.
/// @param folder on a disk with room for them; empty: they stay in memory. @throws StorageError
std::shared_ptr<const std::byte> lay_down(std::span<const std::byte> bytes, const std::filesystem::path& folder);

/// Numbers laid down.
template <class Value>
class LaidDown {
 public:
  LaidDown(std::span<const Value> values, const std::filesystem::path& folder)
      : bytes_(lay_down(std::as_bytes(values), folder)), size_(values.size()) {}

  std::span<const Value> values() const { return {reinterpret_cast<const Value*>(bytes_.get()), size_}; }

 private:
  std::shared_ptr<const std::byte> bytes_;
  std::size_t size_;
};

}  // namespace punctum
