#include "tests/system/node_process.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "storage/work_stores.hpp"

namespace punctum::test {

ProgramResult punctum(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), PUNCTUM_PROGRAM);
  return run_program(arguments);
}

std::filesystem::path write_node_config(const std::filesystem::path& folder, const nlohmann::json& settings) {
  nlohmann::json config{{"data_dir", "data"},
                        {"min_free_mb", 1},
                        {"dicom", {{"port", 0}}},
                        {"http", {{"port", 0}}},
                        {"inference", {{"settle_s", 0.1}}}};
  config.merge_patch(settings.is_null() ? nlohmann::json::object() : settings);
  const auto path = folder / "node.json";
  std::ofstream(path) << config.dump(2);
  return path;
}

NodeProcess::NodeProcess(std::filesystem::path folder, nlohmann::json settings)
    : folder_(std::move(folder)), config_(write_node_config(folder_, settings)) {}

NodeProcess::~NodeProcess() { kill(); }

namespace {

/// "NAME=value" of this process and the given ones; later ones come first, and the first one counts.
std::vector<std::string> environment_with(const std::map<std::string, std::string>& variables) {
  std::vector<std::string> all;
  for (const auto& [name, value] : variables) all.push_back(name + "=" + value);
  for (char** each = environ; *each != nullptr; ++each) all.emplace_back(*each);
  return all;
}

}  // namespace

void NodeProcess::start() {
  std::array<int, 2> output{};
  if (pipe2(output.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  const int log = ::open((folder_ / "node.log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const auto config = config_.string();
  auto variables = environment_with(environment_);
  std::vector<char*> environment;
  for (auto& each : variables) environment.push_back(each.data());
  environment.push_back(nullptr);
  process_ = fork();
  if (process_ == 0) {
    dup2(output[1], STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    execle(PUNCTUM_PROGRAM, PUNCTUM_PROGRAM, "serve", "--config", config.c_str(), nullptr, environment.data());
    _exit(127);
  }
  ::close(output[1]);
  ::close(log);
  read_ready_line(output[0]);
  ::close(output[0]);
}

void NodeProcess::read_ready_line(int standard_output) {
  std::string line;
  for (char c = 0; ::read(standard_output, &c, 1) == 1 && c != '\n';) line += c;
  std::smatch found;
  if (!std::regex_match(line, found, std::regex("ready dicom=127\\.0\\.0\\.1:(\\d+) http=127\\.0\\.0\\.1:(\\d+)"))) {
    kill();
    throw std::runtime_error("the node did not become ready; it printed \"" + line + "\" and logged:\n" + log());
  }
  dicom_port_ = static_cast<std::uint16_t>(std::stoi(found[1]));
  http_port_ = static_cast<std::uint16_t>(std::stoi(found[2]));
}

int NodeProcess::stop() {
  int status = 0;
  ::kill(process_, SIGTERM);
  waitpid(process_, &status, 0);
  process_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void NodeProcess::kill() {
  if (process_ <= 0) return;
  ::kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
  process_ = -1;
}

Peer NodeProcess::address() const { return {AeTitle::require("PUNCTUM"), "127.0.0.1", dicom_port_}; }

std::string NodeProcess::log() const {
  std::ostringstream text;
  text << std::ifstream(folder_ / "node.log").rdbuf();
  return text.str();
}

nlohmann::json NodeProcess::jobs() const {
  const auto result = punctum({"jobs", "--config", config_.string(), "--json", "--limit", "1000"});
  if (result.exit_code != 0) throw std::runtime_error("punctum jobs failed: " + result.output);
  return nlohmann::json::parse(result.output);
}

/// Asks the index itself: a start of the program for every look would be most of what a long test does.
bool NodeProcess::all_done(std::size_t wanted) const {
  const auto list = open_work_stores(folder_ / "data", /*read_only=*/true).jobs->list(1000);
  return list.size() >= wanted && std::none_of(list.begin(), list.end(), [](const Job& job) {
           return job.state == JobState::waiting || job.state == JobState::running;
         });
}

nlohmann::json NodeProcess::finished_job(std::size_t wanted, std::chrono::seconds patience) const {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < end) {
    if (all_done(wanted)) return jobs().at("jobs").at(0);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  throw std::runtime_error("the jobs did not end: " + jobs().dump(2) + "\n" + log());
}

}  // namespace punctum::test
