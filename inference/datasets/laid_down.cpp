#include "inference/datasets/laid_down.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "dicom/types/error.hpp"
#include "dicom/types/file_descriptor.hpp"

namespace punctum {
namespace {

[[noreturn]] void fail(std::string_view doing, const std::filesystem::path& folder, int error) {
  throw StorageError("cannot " + std::string(doing) + " in " + folder.string() + ": " +
                     std::generic_category().message(error));
}

FileDescriptor nameless_file(const std::filesystem::path& folder) {
  auto name = (folder / "cases-XXXXXX").string();
  FileDescriptor file(::mkostemp(name.data(), O_CLOEXEC));
  if (!file) fail("lay down images", folder, errno);
  ::unlink(name.c_str());
  return file;
}

void write_whole(const FileDescriptor& file, std::span<const std::byte> bytes, const std::filesystem::path& folder) {
  while (!bytes.empty()) {
    const auto written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("lay down images", folder, errno);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

}  // namespace

std::shared_ptr<const std::byte> lay_down(std::span<const std::byte> bytes, const std::filesystem::path& folder) {
  if (folder.empty() || bytes.empty()) {
    const auto kept = std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end());
    return {kept, kept->data()};
  }
  const auto file = nameless_file(folder);
  write_whole(file, bytes, folder);
  void* const mapped = ::mmap(nullptr, bytes.size(), PROT_READ, MAP_SHARED, file.get(), 0);
  if (mapped == MAP_FAILED) fail("map images", folder, errno);
  return {static_cast<const std::byte*>(mapped),
          [size = bytes.size()](const std::byte* at) { ::munmap(const_cast<std::byte*>(at), size); }};
}

}  // namespace punctum
