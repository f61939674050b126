#pragma once

#include <filesystem>
#include <vector>

#include "dicom/types/uid.hpp"

namespace punctum {

/// `punctum delete --study UID --config FILE`
struct DeleteOptions {
  std::filesystem::path config;
  std::vector<std::string> studies;
  bool even_undelivered = false;
  bool json = false;
};

/// Removes studies, beside a running node or without one; what was not delivered holds a study. @return 0 if all went,
/// else
/// 1. @throws ConfigError, StorageError
int run_delete(const DeleteOptions& options);

}  // namespace punctum
