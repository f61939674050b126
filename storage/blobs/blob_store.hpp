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
#include "storage/blobs/dataset_bytes.hpp"
#include "storage/blobs/name_pool.hpp"
#include "storage/blobs/posix_file.hpp"
#include "storage/blobs/quarantine.hpp"

namespace punctum {

struct BlobStoreOptions {
  std::filesystem::path data_dir;
  std::uint64_t low_water_bytes = 0;
  std::uint64_t quarantine_bytes = 1ull << 30;  ///< what cannot be understood may take so much; the oldest make room
  std::function<std::uint64_t()> free_bytes;    ///< empty: ask the file system
  FileFault fault;                              ///< for tests
};

class BlobStore;

/// A file that is being written under its lasting name; removed on destruction unless it was kept.
class SpoolFile final : public Spool {
 public:
  SpoolFile(std::filesystem::path path, std::string blob, const BlobStore& store);
  ~SpoolFile() override;

  /// Asks for room now and then: one object alone may be larger than the disk. @throws OutOfResources, StorageError
  void write(ByteView bytes) override;
  void start_writeback() override;
  std::uint64_t size() const override { return size_; }
  const std::filesystem::path& path() const { return path_; }
  Bytes read_back(std::uint64_t limit) override;
  DatasetBytes dataset(std::uint64_t offset);  ///< readable as long as this object lives. @throws as write() does

  /// Everything written is on the disk when this returns, and the file is complete: nobody writes to it any more.
  void make_durable();
  void keep() noexcept { kept_ = true; }  ///< no longer this object's to remove
  const std::string& blob() const { return blob_; }

 private:
  void flush();
  void put(ByteView first, ByteView second);
  void start_what_is_in_file() noexcept;

  std::filesystem::path path_;
  std::string blob_;
  const BlobStore& store_;
  FileDescriptor file_;
  Bytes buffer_;                                        ///< of the end, less than a grain
  std::uint64_t size_ = 0, in_file_ = 0, started_ = 0;  // handed over; written to the file; on its way to the disk
  std::uint64_t room_seen_ = 0;                         // so much was in the file when there last was room
  bool kept_ = false;
};

/// Every file below blobs/, as "FAN/NAME". @throws StorageError
std::vector<std::string> list_blobs(const std::filesystem::path& blobs);
/// Complete files are read-only and not empty. @throws StorageError
bool is_complete_file(const std::filesystem::path& path);

/// Immutable files under random names, never named after anything a peer sent: DATA/blobs/FAN/NAME, and DATA/quarantine
/// for what could not be understood. A complete file is read-only, one that is being written is not. The seam that an
/// object store will fill one day. Any thread.
class BlobStore {
 public:
  explicit BlobStore(BlobStoreOptions options);  ///< creates the folders. @throws StorageError

  /// A file whose name is durable already. @throws OutOfResources below the low-water mark, StorageError
  std::unique_ptr<Spool> begin();
  void require_room() const;  ///< @throws OutOfResources below the low-water mark
  bool has_room() const noexcept;

  /// Makes the bytes durable; after a power loss the file is whole, or no row names it.
  /// @return the name. @throws OutOfResources, StorageError; then the file is gone
  std::string keep(SpoolFile& spool);
  void make_durable(const std::string& blob) const;  ///< of one that is there already, and its name
  void remove(const std::string& blob) const noexcept;

  void quarantine(SpoolFile& spool, std::string_view reason);
  void quarantine(const std::string& blob, std::string_view reason);
  /// What may be the only copy: only an operator removes it from quarantine/found.
  void set_aside(const std::string& blob, std::string_view reason);

  const FileFault& fault() const { return options_.fault; }
  const std::filesystem::path& data_dir() const { return options_.data_dir; }
  std::filesystem::path path_of(const std::string& blob) const;
  Bytes read(const std::string& blob) const;
  std::uint64_t size(const std::string& blob) const;  ///< bytes
  std::vector<std::string> list() const;              ///< every file under blobs/
  bool is_complete(const std::string& blob) const;    ///< false: a crash came while it was written, or before

 private:
  std::uint64_t free_room() const;

  BlobStoreOptions options_;
  std::filesystem::path blobs_;
  Quarantine quarantine_;
  NamePool names_;
};

}  // namespace punctum
