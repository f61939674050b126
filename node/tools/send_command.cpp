#include "node/tools/send_command.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "dicom/dcmtk/dataset_view.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "dicom/net/store_scu.hpp"
#include "dicom/types/error.hpp"
#include "dicom/types/sop_classes.hpp"
#include "node/tools/files.hpp"

namespace punctum {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t head_size = 64 * 1024;  // names come early; the rest is read when it is sent
constexpr std::size_t prefix_offset = 128;
constexpr std::string_view prefix = "DICM";

struct Failure {
  std::string file, message;
  std::uint16_t status = 0;
};

struct Found {
  std::vector<Retrievable> objects;
  std::vector<fs::path> files;  ///< of the objects, same order
  std::vector<Failure> unreadable;
  std::size_t not_dicom = 0;
};

bool is_dicom(ByteView head) {
  return head.size() >= prefix_offset + prefix.size() &&
         std::ranges::equal(head.subspan(prefix_offset, prefix.size()), std::as_bytes(std::span(prefix)));
}

Retrievable describe_file(const fs::path& path, ByteView head) {
  const auto layout = locate_dataset(head);
  const auto size = fs::file_size(path), dataset_size = size - layout.dataset_offset;
  const auto dataset =
      parse_dataset_header(head.subspan(layout.dataset_offset), layout.transfer_syntax_uid, dataset_size);
  return {require_sop_instance(*dataset), layout.transfer_syntax_uid, layout.dataset_offset, size,
          [path, size] { return open_in_parts(path, size); }};
}

/// Most headers fit into the first bytes; a few carry large private elements before their names.
Retrievable describe_file(const fs::path& path) {
  const auto head = read_file_bytes(path, head_size);
  try {
    return describe_file(path, head);
  } catch (const DicomError&) {
    return describe_file(path, read_file_bytes(path));
  }
}

void examine(const fs::path& path, Found& found) {
  try {
    if (!is_dicom(read_file_bytes(path, prefix_offset + prefix.size()))) {
      ++found.not_dicom;
      return;
    }
    auto object = describe_file(path);
    if (object.name.sop_class_uid.str() == sop_class::media_storage_directory) return;
    found.objects.push_back(std::move(object));
    found.files.push_back(path);
  } catch (const std::exception& error) {
    found.unreadable.push_back({path.string(), error.what()});
  }
}

Found find_objects(const std::vector<fs::path>& paths) {
  std::vector<fs::path> files;
  Found found;
  for (const auto& path : paths) {
    if (!fs::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(path, fs::directory_options::skip_permission_denied)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  }
  std::ranges::sort(files);
  for (const auto& file : files) examine(file, found);
  return found;
}

struct Report {
  std::size_t sent = 0;
  std::uintmax_t bytes = 0;
  double seconds = 0;
  std::vector<Failure> failures;
};

Report send(const Found& found, const SendCommandOptions& options) {
  Report report{.failures = found.unreadable};
  const auto begin = std::chrono::steady_clock::now();
  SendOptions send_options;
  send_options.calling = options.calling;
  send_options.timeout = options.timeout;
  const auto outcomes = send_objects(options.to, found.objects, send_options);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i].kind == SendOutcome::Kind::sent) {
      ++report.sent;
      report.bytes += fs::file_size(found.files[i]);
    } else {
      report.failures.push_back({found.files[i].string(), outcomes[i].text(), outcomes[i].status});
    }
  }
  return report;
}

void print_json(const Found& found, const Report& report, const SendCommandOptions& options) {
  auto failures = nlohmann::json::array();
  for (const auto& [file, message, status] : report.failures) {
    failures.push_back({{"file", file}, {"message", message}, {"status", status}});
  }
  const nlohmann::json json = {
      {"to", options.to.str()},         {"objects", found.objects.size()}, {"sent", report.sent},
      {"bytes", report.bytes},          {"seconds", report.seconds},       {"not_dicom", found.not_dicom},
      {"failures", std::move(failures)}};
  std::cout << json.dump(2) << '\n';
}

void print_text(const Found& found, const Report& report, const SendCommandOptions& options) {
  std::printf("%s took %zu of %zu objects, %.1f MB in %.2f s (%.0f/s)\n", options.to.str().c_str(), report.sent,
              found.objects.size(), static_cast<double>(report.bytes) * 1e-6, report.seconds,
              report.seconds > 0 ? static_cast<double>(report.sent) / report.seconds : 0.0);
  if (found.not_dicom > 0) std::printf("%zu other files are not DICOM\n", found.not_dicom);
  std::map<std::string, std::vector<std::string>> files_of;  // a peer that is down fails hundreds the same way
  for (const auto& failure : report.failures) files_of[failure.message].push_back(failure.file);
  for (const auto& [message, files] : files_of) {
    std::printf("failed: %s%s: %s\n", files.front().c_str(),
                files.size() > 1 ? (" and " + std::to_string(files.size() - 1) + " more").c_str() : "",
                message.c_str());
  }
}

}  // namespace

int run_send(const SendCommandOptions& options) {
  const auto found = find_objects(options.paths);
  if (found.objects.empty() && found.unreadable.empty()) {
    std::cerr << "send: found no DICOM object in what was named\n";
    return 2;
  }
  const auto report = send(found, options);
  if (options.json) {
    print_json(found, report, options);
  } else {
    print_text(found, report, options);
  }
  return report.failures.empty() ? 0 : 1;
}

}  // namespace punctum
