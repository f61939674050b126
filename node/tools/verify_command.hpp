#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace punctum {

/// `punctum verify --config FILE`
struct VerifyOptions {
  std::filesystem::path config;
  bool json = false;
};

struct DamagedInstance {
  std::string sop_instance_uid, study_instance_uid, file, found;
};
struct VerifyReport {
  std::size_t instances = 0;
  std::uint64_t bytes = 0;
  std::vector<DamagedInstance> damaged;        ///< in the index, and their file is not what was stored
  std::vector<std::string> files_without_row;  ///< complete files that the index does not know
  std::vector<std::string> index_faults;
  bool sound() const { return damaged.empty() && files_without_row.empty() && index_faults.empty(); }
};

/// Reads every stored file and compares it with its digest, and files with the index both ways. Changes nothing; may
/// run beside the node. @return 0 if all is sound, else 1. @throws ConfigError, StorageError
int run_verify(const VerifyOptions& options);

VerifyReport verify_data_folder(const std::filesystem::path& data_dir);

/// Pure; what run_verify prints.
std::string verify_as_text(const VerifyReport& report);
std::string verify_as_json(const VerifyReport& report);

}  // namespace punctum
