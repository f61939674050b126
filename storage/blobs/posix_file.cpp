#include "storage/blobs/posix_file.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "dicom/types/digest.hpp"
#include "dicom/types/error.hpp"
#include "dicom/types/want_of_resources.hpp"

namespace punctum {

void fail_file(std::string_view doing, const std::filesystem::path& path, int error) {
  const std::string text =
      "cannot " + std::string(doing) + " " + path.string() + ": " + std::generic_category().message(error);
  const bool no_room = error == ENOSPC || error == EDQUOT || error == EFBIG;
  if (no_room || is_want_of_resources(error)) throw OutOfResources(text);
  throw StorageError(text);
}

void act_out(const FileFault& fault, FileStep step, std::string_view doing, const std::filesystem::path& path) {
  if (!fault) return;
  if (const int error = fault(step); error != 0) fail_file(doing, path, error);
}

namespace {

FileDescriptor open_as(const std::filesystem::path& path, int flags, std::string_view doing) {
  int raw = -1;
  do {
    raw = ::open(path.c_str(), flags | O_CLOEXEC, 0640);
  } while (raw < 0 && errno == EINTR);
  if (raw < 0) fail_file(doing, path, errno);
  return FileDescriptor(raw);
}

}  // namespace

FileDescriptor create_file(const std::filesystem::path& path) {
  return open_as(path, O_RDWR | O_CREAT | O_EXCL, "create");
}

FileDescriptor open_to_write(const std::filesystem::path& path) { return open_as(path, O_RDWR, "open for writing"); }

FileDescriptor open_file(const std::filesystem::path& path) { return open_as(path, O_RDONLY, "open"); }

void write_all(const FileDescriptor& file, ByteView bytes, const std::filesystem::path& path) {
  write_both(file, bytes, {}, path);
}

void write_both(const FileDescriptor& file, ByteView first, ByteView second, const std::filesystem::path& path) {
  while (!first.empty() || !second.empty()) {
    const auto part = [](ByteView view) { return iovec{const_cast<std::byte*>(view.data()), view.size()}; };
    const std::array parts{part(first), part(second)};
    const ssize_t written = ::writev(file.get(), parts.data(), static_cast<int>(parts.size()));
    if (written < 0) {
      if (errno == EINTR) continue;
      fail_file("write", path, errno);
    }
    const auto of_first = std::min(first.size(), static_cast<std::size_t>(written));
    first = first.subspan(of_first);
    second = second.subspan(static_cast<std::size_t>(written) - of_first);
  }
}

Bytes read_all(const FileDescriptor& file, std::uint64_t limit, const std::filesystem::path& path) {
  return read_part(file, 0, std::min(limit, file_size(file, path)), path);
}

Bytes read_part(const FileDescriptor& file, std::uint64_t offset, std::uint64_t size,
                const std::filesystem::path& path) {
  Bytes bytes(size);
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got =
        ::pread(file.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
    if (got < 0) {
      if (errno == EINTR) continue;
      fail_file("read", path, errno);
    }
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

std::uint64_t file_size(const FileDescriptor& file, const std::filesystem::path& path) {
  struct stat found{};
  if (::fstat(file.get(), &found) != 0) fail_file("look at", path, errno);
  return static_cast<std::uint64_t>(found.st_size);
}

void sync_folder(const std::filesystem::path& folder) {
  const auto opened = open_as(folder, O_RDONLY | O_DIRECTORY, "open the folder");
  if (::fsync(opened.get()) != 0) fail_file("make durable the folder", folder, errno);
}

void make_durable_folder(const std::filesystem::path& folder) {
  if (::mkdir(folder.c_str(), 0750) != 0 && errno != EEXIST) fail_file("create the folder", folder, errno);
  // Also where it is there: it may be of a process that was killed before it was durable.
  sync_folder(folder.has_parent_path() ? folder.parent_path() : std::filesystem::path("."));
}

std::uint64_t free_bytes(const std::filesystem::path& folder) {
  struct statvfs found{};
  if (::statvfs(folder.c_str(), &found) != 0) fail_file("ask for the free space of", folder, errno);
  constexpr std::uint64_t few_files = 1000;  // a disk without room for names is as full as one without room for bytes
  if (found.f_files > 0 && found.f_favail < few_files) return 0;
  return static_cast<std::uint64_t>(found.f_bavail) * found.f_frsize;
}

std::string random_name() {
  std::array<unsigned char, 16> raw{};
  if (::getrandom(raw.data(), raw.size(), 0) != static_cast<ssize_t>(raw.size())) {
    throw StorageError("cannot draw a random file name: the system has no randomness");
  }
  return hexadecimal(raw);
}

}  // namespace punctum
