#include "node/serve_command.hpp"

#include <iostream>
#include <optional>

#include "node/decoding.hpp"
#include "node/model_folder.hpp"
#include "node/node.hpp"
#include "node/runtime/log.hpp"
#include "node/runtime/memory_arenas.hpp"
#include "node/runtime/open_files.hpp"
#include "node/runtime/termination.hpp"

namespace punctum {
namespace {

std::unique_ptr<Segmenter> load_segmenter(const Config& config) {
  const Stopwatch watch;
  SegmenterOptions options;
  options.model_folder = find_model_folder(config.inference.model, config.base_dir);
  options.device = config.inference.device;
  options.threads = config.inference.threads;
  options.allowed_uses = config.inference.licences;
  options.allowed_scripts = config.inference.scripts;
  auto segmenter = Segmenter::load(options);
  const auto& model = segmenter->model();
  log_event(LogLevel::info, "model", "loaded",
            {{"name", model.name},
             {"version", model.version},
             {"digest", model.digest.hex},
             {"licence", model.licence},
             {"use", model.use},
             {"attributes_trained", model.attributes_trained ? "yes" : "no"},
             {"load_ms", watch.ms()}});
  return segmenter;
}

/// Peers have ten seconds to finish what they began, a job and its decoders all of it. Within what systemd waits.
constexpr std::chrono::seconds longest_stop{60};

std::string host_and_port(const std::string& host, std::uint16_t port) {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace

int run_serve(const ServeOptions& options) {
  limit_memory_arenas();
  const TerminationSignals signals;
  if (options.verbose) set_log_level(LogLevel::debug);
  const auto config = load_config(options.config);
  raise_limit_of_open_files();
  std::optional<EndWithin> end;
  {
    RemoteDecoder decoder(decoding_options(config));
    const Node node(config, load_segmenter(config), decoder.decoders());
    const auto dicom = host_and_port(config.dicom.bind, node.dicom_port());
    const auto http = host_and_port(config.http.bind, node.http_port());
    log_event(LogLevel::info, "node", "ready",
              {{"ae_title", config.ae_title}, {"dicom", dicom}, {"http", http}, {"version", PUNCTUM_VERSION}});
    std::cout << "ready dicom=" << dicom << " http=" << http << std::endl;
    const int signal = signals.wait();
    log_event(LogLevel::info, "node", "stopping", {{"signal", signal}});
    try {
      end.emplace(longest_stop,
                  [] { log_event(LogLevel::error, "node", "stopped_hard", {{"after_s", longest_stop.count()}}); });
    } catch (const std::exception& error) {  // then it takes as long as it takes
      log_event(LogLevel::warning, "node", "stop_unbounded", {{"why", error.what()}});
    }
  }
  log_event(LogLevel::info, "node", "stopped");
  return 0;
}

}  // namespace punctum
