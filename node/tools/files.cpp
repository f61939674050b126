#include "node/tools/files.hpp"

#include <algorithm>
#include <fstream>
#include <memory>

#include "dicom/types/error.hpp"

namespace punctum {

namespace {

/// Stands at its end.
std::ifstream open_to_read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) throw StorageError("cannot read " + path.string() + ": no such file, or no permission");
  return file;
}

}  // namespace

Bytes read_file_bytes(const std::filesystem::path& path, std::uintmax_t at_most) {
  auto file = open_to_read(path);
  const auto size = static_cast<std::streamoff>(file.tellg());
  if (size < 0) throw StorageError("cannot read " + path.string() + ": it has no size");
  Bytes bytes(static_cast<std::size_t>(std::min<std::uintmax_t>(at_most, static_cast<std::uintmax_t>(size))));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!file) throw StorageError("cannot read " + path.string() + ": it ended early");
  return bytes;
}

ReadPart open_in_parts(const std::filesystem::path& path, std::uint64_t expected_size) {
  const auto file = std::make_shared<std::ifstream>(open_to_read(path));
  if (const auto size = static_cast<std::streamoff>(file->tellg());
      size != static_cast<std::streamoff>(expected_size)) {
    throw StorageError("cannot read " + path.string() + ": it has " + std::to_string(size) + " bytes, expected " +
                       std::to_string(expected_size) + "; somebody writes to it");
  }
  return [file, path](std::uint64_t offset, std::uint64_t size) {
    Bytes bytes(size);
    file->seekg(static_cast<std::streamoff>(offset));
    file->read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
    if (!*file) throw StorageError("cannot read " + path.string() + ": it ended early");
    return bytes;
  };
}

void write_file_bytes(const std::filesystem::path& path, ByteView bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) throw StorageError("cannot write " + path.string());
}

}  // namespace punctum
