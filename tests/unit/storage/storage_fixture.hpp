#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

#include "dicom/types/dataset_hash.hpp"
#include "storage/local_archive.hpp"

namespace punctum::test {

/// A folder of its own, gone with the test.
class TempFolder {
 public:
  TempFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "punctum-storage-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = pattern;
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline Bytes bytes_of(std::string_view text) {
  const auto view = std::as_bytes(std::span(text));
  return {view.begin(), view.end()};
}

inline Digest digest_of(const Bytes& bytes) {
  DatasetHash hash;
  hash.update(std::span(bytes));
  return hash.finish();
}

/// "1.2.3.<numbers>" for short test UIDs.
inline Uid uid(const std::string& tail) { return Uid::require("1.2.3." + tail); }

/// An instance of study, series and number, with the content's digest.
inline InstanceRecord record_of(int study, int series, int instance, const Bytes& content) {
  const std::string s = std::to_string(study), e = s + "." + std::to_string(series);
  InstanceRecord record{{uid("1." + s), uid("2." + e), uid("3." + e + "." + std::to_string(instance)),
                         Uid::require("1.2.840.10008.5.1.4.1.1.2")},
                        Uid::require("1.2.840.10008.1.2.1"),
                        digest_of(content),
                        0,
                        content.size(),
                        Origin::received,
                        "MODALITY",
                        {}};
  record.attributes = {{"PatientID", "P" + s},
                       {"PatientName", "Doe^Jane"},
                       {"Modality", "CT"},
                       {"InstanceNumber", std::to_string(instance)}};
  return record;
}

inline StoreOutcome put(Archive& archive, const InstanceRecord& record, const Bytes& content) {
  auto spool = archive.begin();
  spool->write(content);
  return archive.store(std::move(spool), record);
}

inline ArchiveOptions options_for(const TempFolder& folder) {
  ArchiveOptions options;
  options.data_dir = folder.path() / "data";
  options.low_water_bytes = 0;
  return options;
}

/// Files that are kept, and files that are written or wait to be: the latter are not read-only.
inline std::size_t files_kept(const std::filesystem::path& blobs) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(blobs)) {
    const auto writable = entry.status().permissions() & std::filesystem::perms::owner_write;
    files += entry.is_regular_file() && writable == std::filesystem::perms::none;
  }
  return files;
}

inline std::uintmax_t bytes_below(const std::filesystem::path& folder) {
  std::uintmax_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) bytes += entry.file_size();
  }
  return bytes;
}

inline std::size_t files_below(const std::filesystem::path& folder) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) files += entry.is_regular_file();
  return files;
}

}  // namespace punctum::test
