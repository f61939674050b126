#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "dicom/types/ae_title.hpp"

namespace punctum {

/// The DICOM listener and the AE titles it knows.
struct DicomConfig {
  std::string bind = "127.0.0.1";
  std::uint16_t port = 11112;  ///< registered for DICOM; 0 takes a free one
  std::size_t max_associations = 64;
  std::uint32_t max_pdu = 131072;  ///< 4096 to 131072 (DCMTK's limit)
  std::chrono::seconds idle_timeout{60};
  std::optional<std::set<AeTitle>> callers;  ///< absent: "any"
  std::map<AeTitle, Peer> peers;
};

struct HttpConfig {
  std::string bind = "127.0.0.1";
  std::uint16_t port = 8080;
};

struct InferenceConfig {
  std::string model = "compact";                    ///< a shipped model's name or a folder
  std::string device = "auto";                      ///< "auto", "cpu", "cuda"
  int threads = 0;                                  ///< 0: what suits the model; decoding takes all
  std::vector<std::string> licences{"commercial"};  ///< classes of models that may run here: "commercial", "research"
  std::vector<std::string> scripts;                 ///< SHA-256 of the TorchScript programs that may run as a model
  std::chrono::milliseconds settle{1000};           ///< a series must be quiet this long before a job uses it
  std::chrono::milliseconds images_within{600000};  ///< a click whose images are not there by then is refused
};

/// How the stored files are looked after.
struct StorageConfig {
  double scrub_mb_per_s = 2;           ///< stored files are read again and compared at this pace; 0: never
  std::chrono::days retention{0};      ///< studies to which nothing was added for so long are removed; 0: never
  std::uint64_t quarantine_mb = 1024;  ///< for what could not be understood; the oldest makes room
};

/// One JSON file, read once at start, then constant. Every field may be left out.
struct Config {
  AeTitle ae_title = AeTitle::require("PUNCTUM");
  std::filesystem::path data_dir = "data";
  std::filesystem::path base_dir;   ///< the file's own folder; relative paths count from here
  std::uint64_t min_free_mb = 512;  ///< with less free disk than this, nothing is accepted
  DicomConfig dicom;
  HttpConfig http;
  StorageConfig storage;
  InferenceConfig inference;
  std::vector<AeTitle> deliver;  ///< every one a key of dicom.peers
};

/// Relative paths count from the file's own folder. @throws ConfigError naming the JSON pointer, what was found and
/// what was expected: unknown field, wrong type, value out of range, deliver without peer, open to the network without
/// limits.
Config load_config(const std::filesystem::path& file);
Config parse_config(const std::string& json_text, const std::filesystem::path& base_dir);

}  // namespace punctum
