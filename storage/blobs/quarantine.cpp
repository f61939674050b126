#include "storage/blobs/quarantine.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <vector>

#include "dicom/types/error.hpp"
#include "storage/blobs/posix_file.hpp"

namespace punctum {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view reason_ending = ".reason.txt";
constexpr std::size_t most_files = 20'000;  // reasons of a sender that never gives up

struct Kept {
  fs::path file;
  fs::file_time_type since;
  std::uint64_t bytes = 0;
};

std::vector<Kept> oldest_first(const fs::path& folder) {
  std::vector<Kept> all;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    all.push_back({entry.path(), entry.last_write_time(), entry.file_size()});
  }
  std::ranges::sort(all, {}, &Kept::since);
  return all;
}

void write_reason(const fs::path& file, const std::string& text) {
  const auto path = file.string() + std::string(reason_ending);
  write_all(create_file(path), std::as_bytes(std::span(text)), path);
}

void rename_file(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) fail_file("rename", from, errno);
}

}  // namespace

Quarantine::Quarantine(fs::path folder, std::uint64_t most_bytes)
    : folder_(std::move(folder)), found_(folder_ / "found"), most_bytes_(most_bytes) {
  make_durable_folder(folder_);
}

/// The folder is looked through only when it is full, and then emptied by a tenth: a peer that sends nothing but
/// nonsense would otherwise have twenty thousand files looked at for each piece of it.
void Quarantine::make_room(std::uint64_t bytes) try {
  constexpr std::size_t with_its_reason = 2;
  const auto fits = [&] {
    return held_ && held_->bytes + bytes <= most_bytes_ && held_->files + with_its_reason <= most_files;
  };
  if (fits()) return;
  const auto kept = oldest_first(folder_);
  held_ = Held{kept.size(), 0};
  for (const auto& one : kept) held_->bytes += one.bytes;
  if (fits()) return;
  const auto wanted_bytes = most_bytes_ - most_bytes_ / 10;
  constexpr auto wanted_files = most_files - most_files / 10;
  for (const auto& one : kept) {
    if (held_->bytes + bytes <= wanted_bytes && held_->files <= wanted_files) return;
    fs::remove(one.file);
    held_->bytes -= one.bytes;
    --held_->files;
  }
} catch (const fs::filesystem_error& error) {
  held_.reset();
  throw StorageError(std::string("cannot make room in the quarantine: ") + error.what());
}

void Quarantine::set_aside(const fs::path& file, std::string_view reason) {
  const std::lock_guard lock(mutex_);
  make_durable_folder(found_);
  const auto path = found_ / random_name();
  rename_file(file, path);
  write_reason(path, std::string(reason) + "\n");
  sync_folder(found_);
}

void Quarantine::take_in(const fs::path& file, std::string_view reason) {
  const std::lock_guard lock(mutex_);
  std::error_code error;
  const auto bytes = fs::file_size(file, error);
  if (error) fail_file("look at", file, error.value());
  const bool too_large = bytes > most_bytes_;
  make_room(too_large ? 0 : bytes);
  const std::string text = std::string(reason) + (too_large ? "\n(its bytes were too many to keep)\n" : "\n");
  const auto path = folder_ / random_name();
  write_reason(path, text);
  if (too_large) {
    ::unlink(file.c_str());
  } else {
    rename_file(file, path);
  }
  held_->files += too_large ? 1 : 2;
  held_->bytes += text.size() + (too_large ? 0 : bytes);
  sync_folder(folder_);
}

}  // namespace punctum
