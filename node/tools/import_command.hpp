#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace punctum {

/// `punctum import PATH... --config FILE`
struct ImportOptions {
  std::filesystem::path config;
  std::vector<std::filesystem::path> paths;  ///< files and folders; folders with all they hold
  bool json = false;
};

struct BadFile {
  std::string file, reason;
};
struct ImportReport {
  std::size_t files = 0, stored = 0, already_there = 0, not_dicom = 0;
  std::vector<BadFile> bad;  ///< DICOM, but not taken in; they stay where they lie. The first thousand
  std::size_t bad_files = 0;
  std::string stopped;  ///< why it ended early: no room, a folder that cannot be read
};

/// Takes files of any number into the archive of a node that does not run, through the same door as C-STORE. Run again,
/// it skips what is stored; so it can be broken off at any time. @return 0, or 1 if something was not taken
/// in. @throws ConfigError, StorageError
int run_import(const ImportOptions& options);

/// Pure; what run_import prints.
std::string import_as_text(const ImportReport& report);
std::string import_as_json(const ImportReport& report);

}  // namespace punctum
