#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/archive.hpp"
#include "storage/blobs/posix_file.hpp"

namespace punctum {

struct BlobStoreOptions {
  std::filesystem::path data_dir;
  std::uint64_t low_water_bytes = 0;
  std::function<std::uint64_t()> free_bytes;  ///< empty: ask the file system
  FileFault fault;                            ///< for tests
};

/// A file in the spool folder that is being written; removed on destruction unless it was kept.
class SpoolFile final : public Spool {
 public:
  SpoolFile(std::filesystem::path path, const FileFault& fault);
  ~SpoolFile() override;

  void write(ByteView bytes) override;
  std::uint64_t size() const override { return size_; }
  const std::filesystem::path& path() const override { return path_; }
  Bytes read_back(std::uint64_t limit) override;

  void make_durable();  ///< everything written is on the disk when this returns
  void rename_to(
      const std::filesystem::path& path);  ///< with all its bytes; the file is no longer the spool's to remove

 private:
  void flush();
  void put(ByteView bytes);

  std::filesystem::path path_;
  const FileFault& fault_;
  FileDescriptor file_;
  Bytes buffer_;
  std::uint64_t size_ = 0, in_file_ = 0, started_ = 0;  // handed over; written to the file; on its way to the disk
  bool kept_ = false;
};

/// Immutable files under random names, never named after anything a peer sent: DATA/blobs/FAN/NAME, written in
/// DATA/spool, and DATA/quarantine for what could not be understood. The seam that an object store will fill one day.
/// Any thread.
class BlobStore {
 public:
  explicit BlobStore(BlobStoreOptions options);  ///< creates the folders. @throws StorageError

  std::unique_ptr<Spool> begin();  ///< @throws OutOfResources below the low-water mark
  void require_room() const;       ///< @throws OutOfResources likewise

  /// Gives the file its name and makes its bytes durable. The renaming comes first, so that one wait serves both where
  /// the file system allows it: only after a power loss can a file under blobs/ be cut short, and then no row names it.
  /// @return the name. @throws OutOfResources, StorageError; then the file is gone
  std::string keep(SpoolFile& spool);
  /// Makes the names of kept files durable too; each folder is synchronised once, and only where that is needed.
  void make_names_durable(std::span<const std::string> blobs) const;
  void make_durable(const std::string& blob) const;  ///< of one that is there already, and its name
  void remove(const std::string& blob) const noexcept;

  void quarantine(SpoolFile& spool, std::string_view reason) const;
  void quarantine(const std::string& blob, std::string_view reason) const;

  std::filesystem::path path_of(const std::string& blob) const;
  Bytes read(const std::string& blob) const;
  std::vector<std::string> list() const;       ///< every file under blobs/
  std::size_t remove_spool_leftovers() const;  ///< @return how many; call before the first begin()

 private:
  std::string next_name();

  BlobStoreOptions options_;
  std::filesystem::path spool_, blobs_, quarantine_;
  std::mutex fan_mutex_;
  std::string fan_;  // the folder that takes new files now, shared by neighbours in time: one fsync for several
  std::size_t fan_use_ = 0;
  bool names_follow_files_ = false;  // on this file system fsync of a file includes its new name
};

}  // namespace punctum
