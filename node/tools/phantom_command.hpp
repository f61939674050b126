#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace punctum {

/// `punctum phantom --out DIR --seed S [--count N] [--type stone|cyst | [--background CT_DIR | --manifest FILE]
/// [--shapes DIR]]`
struct PhantomOptions {
  std::filesystem::path out;  ///< receives case-SEED/ct/*.dcm, case-SEED/truth.dcm and case-SEED/truth.json
  std::uint64_t seed = 0;     ///< of the first case; from 900000 on: evaluation
  int count = 1;              ///< cases of seed, seed + 1, ...
  std::string type{};         ///< "": usual lesions; "stone" or "cyst": only those
  std::vector<std::filesystem::path> backgrounds{};  ///< CT series to render into; none: phantoms
  std::filesystem::path manifest{};     ///< its images as backgrounds, too, their lesions kept free; or empty
  std::string split = "test";           ///< of the manifest
  std::filesystem::path shapes{};       ///< forms of real lesions, see datasets/shape_archive, into either; empty: none
  std::string body_part = "WHOLEBODY";  ///< that the backgrounds show, a term of PS3.16 annex L
  bool json = false;                    ///< one JSON object on standard output instead of text
};

/// Writes synthetic CT series with lesions of known mask and attributes. Needs a DcmtkRuntime.
/// @return 0. @throws StorageError if a file cannot be written.
int run_phantom(const PhantomOptions& options);

}  // namespace punctum
