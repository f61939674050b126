#pragma once

#include <chrono>
#include <filesystem>
#include <vector>

#include "dicom/types/ae_title.hpp"

namespace punctum {

/// `punctum send PATH… --to AET@HOST:PORT`
struct SendCommandOptions {
  std::vector<std::filesystem::path>
      paths;  ///< files, or folders that are walked; what is not DICOM is skipped and counted
  Peer to;
  AeTitle calling = AeTitle::require("PUNCTUM");
  std::chrono::seconds timeout{30};
  bool json = false;  ///< one JSON object on standard output instead of text
};

/// Sends the data sets as they lie in the files, over one association (more where the peer needs more than 128
/// presentation contexts). @return 0 if the peer took every object, 1 otherwise, 2 if no path names an object.
int run_send(const SendCommandOptions& options);

}  // namespace punctum
