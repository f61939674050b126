#pragma once

#include <filesystem>

namespace punctum {

/// `punctum serve --config FILE`
struct ServeOptions {
  std::filesystem::path config;
  bool verbose = false;
};

/// Runs a node until SIGTERM or SIGINT. Prints one line, `ready dicom=HOST:PORT http=HOST:PORT`, on standard output
/// when associations are accepted; everything else is log, on standard error. Call it before any thread was started.
/// @return 0 after an orderly end. @throws ConfigError, ModelError, StorageError, NetworkError
int run_serve(const ServeOptions& options);

}  // namespace punctum
