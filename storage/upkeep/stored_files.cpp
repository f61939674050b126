#include "storage/upkeep/stored_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>

#include "dicom/types/dataset_hash.hpp"
#include "dicom/types/error.hpp"
#include "dicom/types/want_of_resources.hpp"
#include "storage/blobs/posix_file.hpp"

namespace punctum {

namespace {

constexpr std::size_t piece_bytes = 256 << 10;

/// Hashes the file from the data set on.
FileCondition compare(const FileDescriptor& file, const StoredFile& expected,
                      const std::function<void(std::size_t)>& reads) {
  if (file_size(file, expected.path) != expected.file_size) return FileCondition::other_size;
  DatasetHash digest(expected.dataset_digest);
  Bytes piece(piece_bytes);
  for (std::uint64_t at = 0; at < expected.file_size;) {
    const ssize_t got = ::pread(file.get(), piece.data(), piece.size(), static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FileCondition::unreadable;
    if (got == 0) return FileCondition::other_size;
    const auto bytes = static_cast<std::uint64_t>(got);
    const auto skip = at < expected.dataset_offset ? std::min(expected.dataset_offset - at, bytes) : 0;
    digest.update(std::span(piece).subspan(skip, bytes - skip));
    at += bytes;
    if (reads) reads(bytes);
  }
  return digest.finish() == expected.dataset_digest ? FileCondition::whole : FileCondition::other_bytes;
}

/// That this process cannot open it says nothing of the file. @throws OutOfResources then
FileCondition condition_of_unopened(const StoredFile& file, int error) {
  if (error == ENOENT) return FileCondition::missing;
  if (!is_want_of_resources(error) && error != EINTR) return FileCondition::unreadable;
  throw OutOfResources("cannot examine " + file.path.string() + ": " + std::generic_category().message(error));
}

}  // namespace

std::string stored_files_sql(std::string_view where) {
  return "SELECT instance.id, study_instance_uid, series_instance_uid, sop_instance_uid, sop_class_uid, blob, "
         "file_size, dataset_offset, dataset_digest, transfer_syntax_uid, damaged FROM instance JOIN series ON "
         "series.id = instance.series JOIN study ON study.id = series.study WHERE " +
         std::string(where) + " ORDER BY instance.id LIMIT ?";
}

StoredFile stored_file(const sqlite::Statement& row, const std::filesystem::path& data_dir) {
  return {row.integer(0),
          {Uid::require(row.text(1)), Uid::require(row.text(2)), Uid::require(row.text(3)), Uid::require(row.text(4))},
          row.text(5),
          data_dir / "blobs" / row.text(5),
          static_cast<std::uint64_t>(row.integer(6)),
          static_cast<std::uint64_t>(row.integer(7)),
          Digest{row.text(8)},
          Uid::require(row.text(9)),
          row.integer(10) != 0};
}

std::optional<StoredFile> stored_file_of(sqlite::Connection& connection, const Uid& sop_instance_uid,
                                         const std::filesystem::path& data_dir) {
  static const std::string sql = stored_files_sql("sop_instance_uid = ?");
  auto row = connection.use(sql);
  if (!row->with(sop_instance_uid.str(), 1).step()) return std::nullopt;
  return stored_file(*row, data_dir);
}

std::optional<DatasetBytes> dataset_of(const StoredFile& file) {
  const auto opened = std::make_shared<FileDescriptor>(::open(file.path.c_str(), O_RDONLY | O_CLOEXEC));
  const auto give_up = [path = file.path](const std::string& why) {
    throw OutOfResources("cannot compare with " + path.string() + " at the moment: " + why);
  };
  if (!*opened && errno == ENOENT) return std::nullopt;
  if (!*opened) give_up(std::generic_category().message(errno));
  if (file_size(*opened, file.path) != file.file_size) return std::nullopt;
  const auto read = [opened, path = file.path, give_up](std::uint64_t at, std::uint64_t size) {
    auto bytes = read_part(*opened, at, size, path);
    if (bytes.size() != size) give_up("it is shorter than it was");
    return bytes;
  };
  return DatasetBytes{read, file.dataset_offset, file.file_size - file.dataset_offset};
}

FileCondition condition_of(const StoredFile& file, const std::function<void(std::size_t)>& reads) {
  const FileDescriptor opened(::open(file.path.c_str(), O_RDONLY | O_CLOEXEC));
  if (opened.get() < 0) return condition_of_unopened(file, errno);
  return compare(opened, file, reads);
}

}  // namespace punctum
