#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "dicom/types/ae_title.hpp"

/// Values on the command line that are more than text. @throws CLI::ValidationError (exit code 2)
namespace punctum::cli {

inline Peer peer_of(const std::string& text) {
  auto peer = Peer::parse(text);
  if (!peer) throw CLI::ValidationError("--to", "found \"" + text + "\", expected AET@HOST:PORT");
  return *peer;
}

inline AeTitle ae_title_of(const std::string& option, const std::string& text) {
  auto title = AeTitle::parse(text);
  if (!title) throw CLI::ValidationError(option, "found \"" + text + "\", expected an AE title of 1 to 16 characters");
  return *title;
}

}  // namespace punctum::cli
