#include "storage/data_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <system_error>

#include "dicom/types/error.hpp"

namespace punctum {

namespace {

std::string this_boot() {
  std::string id;
  std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), id);
  return id;
}

std::string text_of(const FileDescriptor& file, const std::filesystem::path& path) {
  const Bytes bytes = read_all(file, 4096, path);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

DataFolder::DataFolder(const std::filesystem::path& path) : path_(path / "lock") {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) fail_file("create the data folder", path, error.value());
  sync_folder(path.has_parent_path() ? path.parent_path() : ".");
  lock_ = FileDescriptor(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640));
  if (lock_.get() < 0) fail_file("write in the data folder", path, errno);
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) fail_file("lock", path_, errno);
    throw StorageError("cannot open the data folder " + path.string() +
                       ": another node is using it; stop that one or give this one a folder of its own");
  }
  const std::string boot = this_boot();
  same_boot_ = !boot.empty() && text_of(lock_, path_) == boot;
}

void DataFolder::note_this_boot() {
  const std::string boot = this_boot();
  if (::ftruncate(lock_.get(), 0) != 0 || ::lseek(lock_.get(), 0, SEEK_SET) != 0) fail_file("write", path_, errno);
  write_all(lock_, std::as_bytes(std::span(boot)), path_);
}

}  // namespace punctum
