#pragma once

#include <filesystem>
#include <vector>

#include "dicom/types/bytes.hpp"

namespace punctum::test {

/// @throws std::runtime_error if the file cannot be read.
Bytes read_file(const std::filesystem::path& path);
void write_file(const std::filesystem::path& path, ByteView bytes);
/// The regular files right in a folder whose name ends with .dcm, sorted by name.
std::vector<std::filesystem::path> dicom_files_in(const std::filesystem::path& folder);
/// Their bytes, same order.
std::vector<Bytes> read_dicom_files(const std::filesystem::path& folder);

}  // namespace punctum::test

/// `const auto folder = PUNCTUM_DATA_OR_SKIP("ct-chest-cmb-crc");` in a test body.
#define PUNCTUM_DATA_OR_SKIP(name)                                                                                 \
  std::filesystem::path(PUNCTUM_SHARED_DATA) / (name);                                                             \
  if (!std::filesystem::exists(std::filesystem::path(PUNCTUM_SHARED_DATA) / (name))) {                             \
    GTEST_SKIP() << "needs real data that is not here: " << (std::filesystem::path(PUNCTUM_SHARED_DATA) / (name)); \
  }                                                                                                                \
  static_assert(true)
