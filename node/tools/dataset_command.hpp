#pragma once

#include <filesystem>
#include <string>

#include "inference/datasets/layouts.hpp"

namespace punctum {

/// `punctum dataset LAYOUT FOLDER -o MANIFEST [--append] [--label ID] [--type NAME] [--zero-shot TYPE] [--licence SPDX]
/// [--check]`
struct DatasetOptions {
  Layout layout = Layout::plain;
  LayoutOptions from;
  std::filesystem::path manifest;
  bool append = false;  ///< keep the lines that are there
  bool check = false;   ///< load every case and say what it holds
  bool json = false;    ///< one JSON object on standard output instead of text
};

/// Writes the manifest of a data set and says how many lesions and patients each split has. Needs a DcmtkRuntime.
/// @return 0; 1 if a case could not be loaded (each is said on standard error). @throws ConfigError, StorageError
int run_dataset(const DatasetOptions& options);

}  // namespace punctum
