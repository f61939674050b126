#pragma once

#include <cstdint>
#include <filesystem>

#include "dicom/types/bytes.hpp"
#include "dicom/types/read_part.hpp"

namespace punctum {

/// The file's bytes, the first `at_most` of them if it is longer. @throws StorageError if it cannot be read. Any
/// thread.
Bytes read_file_bytes(const std::filesystem::path& path, std::uintmax_t at_most = UINTMAX_MAX);

/// The file, to be read in parts. @throws StorageError if it cannot be opened or has not that size (any more)
ReadPart open_in_parts(const std::filesystem::path& path, std::uint64_t expected_size);

/// Writes the file anew. Not durable: for what a command puts down, not for the archive. @throws StorageError
void write_file_bytes(const std::filesystem::path& path, ByteView bytes);

}  // namespace punctum
