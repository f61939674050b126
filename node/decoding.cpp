#include "node/decoding.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <thread>

#include "dicom/types/error.hpp"
#include "node/runtime/log.hpp"

namespace punctum {
namespace {

std::filesystem::path decoding_program() {
  std::error_code error;
  const auto own = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) throw ConfigError("cannot find punctum-decode: /proc/self/exe: " + error.message());
  const auto program = own.parent_path() / "punctum-decode";
  if (access(program.c_str(), X_OK) != 0) {
    throw ConfigError("cannot serve: expected the program that decodes pixels at " + program.string() +
                      ", beside punctum itself");
  }
  return program;
}

}  // namespace

int decoding_threads(const InferenceConfig& inference) {
  return inference.threads > 0 ? inference.threads
                               : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

DecodingOptions decoding_options(const Config& config) {
  DecodingOptions options;
  options.program = decoding_program();
  options.workers = static_cast<std::size_t>(decoding_threads(config.inference));
  options.on_failure = [](const std::string& why) {
    log_event(LogLevel::warning, "decoding", "failed", {{"why", why}});
  };
  return options;
}

}  // namespace punctum
