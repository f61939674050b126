#pragma once

#include <cstdint>
#include <filesystem>

namespace punctum {

/// `punctum phantom --out DIR --seed S [--count N]`
struct PhantomOptions {
  std::filesystem::path out;  ///< receives case-SEED/ct/*.dcm, case-SEED/truth.dcm and case-SEED/truth.json
  std::uint64_t seed = 0;     ///< of the first case; from 900000 on: evaluation
  int count = 1;              ///< cases of seed, seed + 1, ...
  bool json = false;          ///< one JSON object on standard output instead of text
};

/// Writes synthetic CT series with lesions of known mask and attributes. Needs a DcmtkRuntime.
/// @return 0. @throws StorageError if a file cannot be written.
int run_phantom(const PhantomOptions& options);

}  // namespace punctum
