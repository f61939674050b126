#pragma once

#include <filesystem>
#include <optional>

namespace punctum {

/// punctum show FILE [--ct DIR] [-o overlay.png] [--json]
struct ShowOptions {
  std::filesystem::path file;                        ///< a SEG or an SR
  std::optional<std::filesystem::path> ct_folder{};  ///< where its CT lies; else the folder of the file is searched
  std::optional<std::filesystem::path> overlay{};    ///< where to write the picture of a SEG; else FILE with .png
  bool json = false;
};

/// Prints a structured report as a table, a segmentation as numbers with an overlay picture beside it.
/// @return the exit code: 0 done, 1 the file cannot be shown (said on standard error). Needs a DcmtkRuntime.
int run_show(const ShowOptions& options);

}  // namespace punctum
