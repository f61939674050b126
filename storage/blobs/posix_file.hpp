#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

#include "dicom/types/bytes.hpp"
#include "dicom/types/file_descriptor.hpp"

namespace punctum {

/// The steps of keeping a file, for tests that make one of them fail.
enum class FileStep { create, write, sync_file, rename, sync_folder };
using FileFault = std::function<int(FileStep)>;  ///< @return the errno to act out, 0 for none

/// Throws what an errno means: OutOfResources where the disk or the descriptors ran out, StorageError otherwise.
[[noreturn]] void fail_file(std::string_view doing, const std::filesystem::path& path, int error);

/// Fails as a test wants this step to fail; does nothing without one.
void act_out(const FileFault& fault, FileStep step, std::string_view doing, const std::filesystem::path& path);

FileDescriptor create_file(
    const std::filesystem::path& path);  ///< must not exist yet. @throws OutOfResources, StorageError
FileDescriptor open_to_write(const std::filesystem::path& path);  ///< must exist. @throws OutOfResources, StorageError
FileDescriptor open_file(const std::filesystem::path& path);      ///< for reading. @throws StorageError
void write_all(const FileDescriptor& file, ByteView bytes, const std::filesystem::path& path);
/// One after the other, in one call of the system.
void write_both(const FileDescriptor& file, ByteView first, ByteView second, const std::filesystem::path& path);
Bytes read_all(const FileDescriptor& file, std::uint64_t limit, const std::filesystem::path& path);
/// Fewer bytes where the file ends before.
Bytes read_part(const FileDescriptor& file, std::uint64_t offset, std::uint64_t size,
                const std::filesystem::path& path);
std::uint64_t file_size(const FileDescriptor& file, const std::filesystem::path& path);
void sync_folder(const std::filesystem::path& folder);
/// Makes the name of a folder durable, which is created where it is not there.
void make_durable_folder(const std::filesystem::path& folder);
/// 0 where the file system has room for few more files, too (some, like btrfs, do not count them).
std::uint64_t free_bytes(const std::filesystem::path& folder);

/// A name that nothing else has: 32 random hexadecimal digits.
std::string random_name();

}  // namespace punctum
