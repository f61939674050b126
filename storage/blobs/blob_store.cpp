#include "storage/blobs/blob_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "dicom/types/error.hpp"

namespace punctum {

namespace fs = std::filesystem;

namespace {

// Writes begin and end on this border, so that the page cache takes them in large folios: a tenth more images a second.
constexpr std::uint64_t write_grain_bytes = 64 << 10;
constexpr std::uint64_t writeback_step_bytes = 256 << 10;
constexpr std::uint64_t room_step_bytes = 16 << 20;
constexpr mode_t complete_mode = 0440;

}  // namespace

SpoolFile::SpoolFile(fs::path path, std::string blob, const BlobStore& store)
    : path_(std::move(path)), blob_(std::move(blob)), store_(store), file_(open_to_write(path_)) {}

SpoolFile::~SpoolFile() {
  if (!kept_) ::unlink(path_.c_str());
}

void SpoolFile::write(ByteView bytes) {
  size_ += bytes.size();
  const auto border = size_ / write_grain_bytes * write_grain_bytes;
  std::size_t now = 0;
  if (border > in_file_) {
    now = border - in_file_ - buffer_.size();
    put(buffer_, bytes.first(now));
    buffer_.clear();
  }
  buffer_.reserve(write_grain_bytes);
  buffer_.insert(buffer_.end(), bytes.begin() + static_cast<std::ptrdiff_t>(now), bytes.end());
}

void SpoolFile::flush() {
  if (buffer_.empty()) return;
  put(buffer_, {});
  buffer_.clear();
}

void SpoolFile::put(ByteView first, ByteView second) {
  act_out(store_.fault(), FileStep::write, "write", path_);
  if (in_file_ - room_seen_ >= room_step_bytes) {
    store_.require_room();
    room_seen_ = in_file_;
  }
  write_both(file_, first, second, path_);
  in_file_ += first.size() + second.size();
  if (in_file_ - started_ >= writeback_step_bytes) start_what_is_in_file();
}

// The disk starts while the sender still sends. Only a hint, without a wait: make_durable() hears of any failure.
void SpoolFile::start_what_is_in_file() noexcept {
  ::sync_file_range(file_.get(), static_cast<off_t>(started_), static_cast<off_t>(in_file_ - started_),
                    SYNC_FILE_RANGE_WRITE);
  started_ = in_file_;
}

void SpoolFile::start_writeback() {
  flush();
  if (in_file_ > started_) start_what_is_in_file();
}

Bytes SpoolFile::read_back(std::uint64_t limit) {
  flush();
  return read_all(file_, limit, path_);
}

DatasetBytes SpoolFile::dataset(std::uint64_t offset) {
  flush();
  const auto read = [this](std::uint64_t at, std::uint64_t size) { return read_part(file_, at, size, path_); };
  return {read, offset, size_ - offset};
}

void SpoolFile::make_durable() {
  flush();
  if (::fchmod(file_.get(), complete_mode) != 0) fail_file("make read-only", path_, errno);
  act_out(store_.fault(), FileStep::sync_file, "make durable", path_);
  if (::fdatasync(file_.get()) != 0) fail_file("make durable", path_, errno);
}

BlobStore::BlobStore(BlobStoreOptions options)
    : options_(std::move(options)),
      blobs_(options_.data_dir / "blobs"),
      quarantine_(options_.data_dir / "quarantine", options_.quarantine_bytes),
      names_(blobs_, options_.fault) {
  make_durable_folder(blobs_);
}

std::uint64_t BlobStore::free_room() const { return options_.free_bytes ? options_.free_bytes() : free_bytes(blobs_); }

void BlobStore::require_room() const {
  const std::uint64_t free = free_room();
  if (free >= options_.low_water_bytes) return;
  throw OutOfResources("cannot take in an instance: " + std::to_string(free >> 20) + " MiB are free in " +
                       options_.data_dir.string() + ", at least " + std::to_string(options_.low_water_bytes >> 20) +
                       " MiB are kept free; make room or lower the mark" +
                       (free == 0 ? " (or the file system has room for hardly any more files: df -i)" : ""));
}

bool BlobStore::has_room() const noexcept try { return free_room() >= options_.low_water_bytes; } catch (const Error&) {
  return false;  // a disk that does not answer takes nothing in
}

std::unique_ptr<Spool> BlobStore::begin() {
  require_room();
  std::string blob = names_.take();
  auto path = path_of(blob);
  return std::make_unique<SpoolFile>(std::move(path), std::move(blob), *this);
}

std::string BlobStore::keep(SpoolFile& spool) {
  spool.make_durable();
  spool.keep();
  return spool.blob();
}

void BlobStore::make_durable(const std::string& blob) const {
  const auto path = path_of(blob);
  if (::fsync(open_file(path).get()) != 0) fail_file("make durable", path, errno);
  sync_folder(path.parent_path());
}

void BlobStore::remove(const std::string& blob) const noexcept { ::unlink(path_of(blob).c_str()); }

void BlobStore::quarantine(SpoolFile& spool, std::string_view reason) {
  spool.make_durable();
  quarantine(spool.blob(), reason);
  spool.keep();
}

void BlobStore::quarantine(const std::string& blob, std::string_view reason) {
  act_out(options_.fault, FileStep::rename, "rename", path_of(blob));
  quarantine_.take_in(path_of(blob), reason);
}

void BlobStore::set_aside(const std::string& blob, std::string_view reason) {
  quarantine_.set_aside(path_of(blob), reason);
}

fs::path BlobStore::path_of(const std::string& blob) const { return blobs_ / blob; }

Bytes BlobStore::read(const std::string& blob) const {
  const auto path = path_of(blob);
  return read_all(open_file(path), UINT64_MAX, path);
}

std::uint64_t BlobStore::size(const std::string& blob) const {
  const auto path = path_of(blob);
  return file_size(open_file(path), path);
}

std::vector<std::string> list_blobs(const fs::path& folder) try {
  std::vector<std::string> blobs;
  for (const auto& fan : fs::directory_iterator(folder)) {
    const std::string prefix = fan.path().filename().string() + "/";
    for (const auto& file : fs::directory_iterator(fan.path())) {
      blobs.push_back(prefix + file.path().filename().string());
    }
  }
  return blobs;
} catch (const fs::filesystem_error& error) {
  throw StorageError(std::string("cannot list the stored files: ") + error.what());
}

bool is_complete_file(const fs::path& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) {
    if (errno == ENOENT) return false;  // listed a moment ago, removed since
    fail_file("look at", path, errno);
  }
  return (found.st_mode & S_IWUSR) == 0 && found.st_size > 0;
}

std::vector<std::string> BlobStore::list() const { return list_blobs(blobs_); }
bool BlobStore::is_complete(const std::string& blob) const { return is_complete_file(path_of(blob)); }

}  // namespace punctum
