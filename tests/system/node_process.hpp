#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "dicom/types/ae_title.hpp"
#include "tests/integration/net_programs.hpp"

namespace punctum::test {

/// Runs the built program to its end. `punctum({"jobs", "--config", ...})`
ProgramResult punctum(std::vector<std::string> arguments);

/// A real node: the built program, `serve`, on free ports, with its configuration and data in one folder.
class NodeProcess {
 public:
  /// @param settings laid over a configuration with ports 0, a data folder beside it and a short settle time.
  explicit NodeProcess(std::filesystem::path folder, nlohmann::json settings = {});
  ~NodeProcess();  ///< kills it
  NodeProcess(const NodeProcess&) = delete;
  NodeProcess& operator=(const NodeProcess&) = delete;

  /// Variables that are set for the program beside those of this one. For the next start.
  void set_environment(std::map<std::string, std::string> variables) { environment_ = std::move(variables); }
  /// @throws std::runtime_error with the log if it does not become ready.
  void start();
  int stop();   ///< SIGTERM. @return its exit code, or the negative number of the signal that ended it
  void kill();  ///< SIGKILL

  pid_t process() const { return process_; }
  const std::filesystem::path& config() const { return config_; }
  Peer address() const;  ///< PUNCTUM@127.0.0.1:PORT
  std::string port() const { return std::to_string(address().port); }
  std::uint16_t http_port() const { return http_port_; }
  std::string log() const;  ///< standard error of all its lives

  /// `punctum jobs --json`
  nlohmann::json jobs() const;
  /// The newest job once there are that many and none is open. @throws std::runtime_error after `patience`
  nlohmann::json finished_job(std::size_t jobs, std::chrono::seconds patience = std::chrono::seconds(120)) const;

 private:
  void read_ready_line(int standard_output);
  bool all_done(std::size_t jobs) const;

  std::filesystem::path folder_, config_;
  std::map<std::string, std::string> environment_;
  pid_t process_ = -1;
  std::uint16_t dicom_port_ = 0, http_port_ = 0;
};

/// The configuration that NodeProcess writes.
std::filesystem::path write_node_config(const std::filesystem::path& folder, const nlohmann::json& settings = {});

}  // namespace punctum::test
