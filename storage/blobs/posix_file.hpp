#pragma once

#include <filesystem>
#include <functional>
#include <string_view>
#include <utility>

#include "dicom/types/bytes.hpp"

namespace punctum {

/// The steps of keeping a file, for tests that make one of them fail.
enum class FileStep { create, write, sync_file, rename, sync_folder };
using FileFault = std::function<int(FileStep)>;  ///< @return the errno to act out, 0 for none

/// Throws what an errno means: OutOfResources where the disk or the descriptors ran out, StorageError otherwise.
[[noreturn]] void fail_file(std::string_view doing, const std::filesystem::path& path, int error);

/// Fails as a test wants this step to fail; does nothing without one.
void act_out(const FileFault& fault, FileStep step, std::string_view doing, const std::filesystem::path& path);

/// An open file or folder, closed on destruction. One thread at a time.
class OpenFile {
 public:
  OpenFile() = default;
  explicit OpenFile(int raw) noexcept : raw_(raw) {}
  OpenFile(OpenFile&& other) noexcept : raw_(std::exchange(other.raw_, -1)) {}
  OpenFile& operator=(OpenFile&& other) noexcept {
    std::swap(raw_, other.raw_);
    return *this;
  }
  ~OpenFile();
  int raw() const noexcept { return raw_; }

 private:
  int raw_ = -1;
};

OpenFile create_file(const std::filesystem::path& path);  ///< must not exist yet. @throws OutOfResources, StorageError
OpenFile open_to_write(const std::filesystem::path& path);  ///< must exist. @throws OutOfResources, StorageError
OpenFile open_file(const std::filesystem::path& path);      ///< for reading. @throws StorageError
void write_all(const OpenFile& file, ByteView bytes, const std::filesystem::path& path);
Bytes read_all(const OpenFile& file, std::uint64_t limit, const std::filesystem::path& path);
std::uint64_t file_size(const OpenFile& file, const std::filesystem::path& path);
void sync_folder(const std::filesystem::path& folder);
/// Creates a folder and makes its name durable; nothing to do if it is there.
void make_durable_folder(const std::filesystem::path& folder);
std::uint64_t free_bytes(const std::filesystem::path& folder);

/// A name that nothing else has: 32 random hexadecimal digits.
std::string random_name();

}  // namespace punctum
