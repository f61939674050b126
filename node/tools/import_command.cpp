#include "node/tools/import_command.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <functional>
#include <iostream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>

#include "config/config.hpp"
#include "dicom/types/error.hpp"
#include "dicom/types/sop_classes.hpp"
#include "node/ingest/ingest.hpp"
#include "node/ingest/open_archive.hpp"
#include "node/runtime/log.hpp"
#include "node/runtime/threads.hpp"
#include "node/tools/files.hpp"
#include "node/tools/progress_line.hpp"

namespace punctum {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t workers = 4;  // they share commits; the disk has no use for more
constexpr std::size_t most_waiting = 256;
constexpr std::size_t most_listed = 1000;
constexpr std::size_t prefix_offset = 128;
constexpr std::size_t head_bytes = 1024;  // a film or a disk image in the folder is not read to say what it is not
constexpr std::string_view prefix = "DICM";

bool is_dicom(ByteView bytes) {
  return bytes.size() >= prefix_offset + prefix.size() &&
         std::ranges::equal(bytes.subspan(prefix_offset, prefix.size()), std::as_bytes(std::span(prefix)));
}

/// A DICOMDIR lists files, it is no object.
bool is_directory_record(ByteView head) {
  return !std::ranges::search(head, std::as_bytes(std::span(sop_class::media_storage_directory))).empty();
}

/// All regular files, one after the other, however many. What cannot be looked into is told of.
void for_each_file(const std::vector<fs::path>& paths, const std::function<bool(const fs::path&)>& take) {
  for (const auto& path : paths) {
    if (!fs::is_directory(path)) {
      if (!take(path)) return;
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(path, fs::directory_options::skip_permission_denied)) {
      std::error_code unknown;  // such as a link to itself: whoever reads it will say so
      if ((entry.is_regular_file(unknown) || unknown) && !take(entry.path())) return;
    }
  }
}

/// For the progress alone: what cannot be looked into is told of by the import itself.
std::size_t count_files(const std::vector<fs::path>& paths) {
  std::size_t count = 0;
  try {
    for_each_file(paths, [&](const fs::path&) { return ++count > 0; });
  } catch (const fs::filesystem_error&) {  // NOLINT(bugprone-empty-catch)
  }
  return count;
}

/// Paths between the one who finds them and those who take them in; full, the finder waits.
class PathQueue {
 public:
  bool put(fs::path path) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return paths_.size() < most_waiting || closed_; });
    if (closed_) return false;
    paths_.push_back(std::move(path));
    changed_.notify_all();
    return true;
  }
  std::optional<fs::path> take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !paths_.empty() || closed_; });
    if (paths_.empty()) return {};
    auto path = std::move(paths_.front());
    paths_.pop_front();
    changed_.notify_all();
    return path;
  }
  void close(bool drop) {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    if (drop) paths_.clear();
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<fs::path> paths_;
  bool closed_ = false;
};

class Import {
 public:
  Import(Archive& archive, std::size_t total) : ingest_(archive), progress_("import", total) {}

  ImportReport run(const std::vector<fs::path>& paths) {
    {
      std::vector<std::unique_ptr<NamedThread>> threads;
      for (std::size_t i = 0; i < workers; ++i) {
        threads.push_back(std::make_unique<NamedThread>(thread_name::import_files, [this](const std::stop_token&) {
          while (const auto path = queue_.take()) take_in(*path);
        }));
      }
      try {
        for_each_file(paths, [&](const fs::path& path) { return queue_.put(path); });
      } catch (const fs::filesystem_error& error) {
        count_stop(error.what());  // a folder that vanished or cannot be read; what was found is taken in
      }
      queue_.close(/*drop=*/false);
    }
    progress_.finish();
    std::ranges::sort(report_.bad, {}, &BadFile::file);
    return report_;
  }

 private:
  void take_in(const fs::path& path) {
    try {
      const auto head = read_file_bytes(path, head_bytes);
      if (!is_dicom(head) || is_directory_record(head)) return count([](auto& report) { ++report.not_dicom; });
      const bool stored = ingest_.store_brought(read_file_bytes(path)) == StoreOutcome::stored;
      count([&](auto& report) { ++(stored ? report.stored : report.already_there); });
    } catch (const OutOfResources& error) {
      queue_.close(/*drop=*/true);
      count_stop(error.what());
    } catch (const std::exception& error) {
      count([&](auto& report) {
        ++report.bad_files;
        if (report.bad.size() < most_listed) report.bad.push_back({path.string(), error.what()});
      });
    }
  }

  void count_stop(const std::string& why) {
    const std::lock_guard lock(mutex_);
    report_.stopped = why;
  }

  template <class Function>
  void count(Function&& function) {
    const std::lock_guard lock(mutex_);
    ++report_.files;
    function(report_);
    progress_.show(report_.files, std::to_string(report_.stored) + " new, " + std::to_string(report_.already_there) +
                                      " there already, " + std::to_string(report_.bad_files) + " bad");
  }

  Ingest ingest_;
  PathQueue queue_;
  std::mutex mutex_;
  ImportReport report_;
  ProgressLine progress_;
};

}  // namespace

std::string import_as_text(const ImportReport& report) {
  std::string text = std::to_string(report.files) + " files: " + std::to_string(report.stored) + " stored, " +
                     std::to_string(report.already_there) + " there already, " + std::to_string(report.not_dicom) +
                     " no DICOM objects, " + std::to_string(report.bad_files) + " bad\n";
  for (const auto& bad : report.bad) text += "bad  " + bad.file + ": " + bad.reason + "\n";
  if (report.bad.size() < report.bad_files) text += "... and more\n";
  if (!report.stopped.empty()) text += "stopped: " + report.stopped + "; run it again to go on\n";
  return text;
}

std::string import_as_json(const ImportReport& report) {
  auto bad = nlohmann::json::array();
  for (const auto& one : report.bad) bad.push_back({{"file", one.file}, {"reason", one.reason}});
  const nlohmann::json out{
      {"files", report.files},         {"stored", report.stored},       {"already_there", report.already_there},
      {"not_dicom", report.not_dicom}, {"bad_files", report.bad_files}, {"bad", std::move(bad)},
      {"stopped", report.stopped}};
  return out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

int run_import(const ImportOptions& options) {
  const auto config = load_config(options.config);
  for (const auto& path : options.paths) {
    if (!fs::exists(path)) throw StorageError("cannot import " + path.string() + ": there is no such file or folder");
  }
  set_log_level(LogLevel::warning);
  const auto total = count_files(options.paths);
  const auto archive = open_archive(config);
  const auto report = Import(*archive, total).run(options.paths);
  std::cout << (options.json ? import_as_json(report) : import_as_text(report));
  return report.bad_files > 0 || !report.stopped.empty() ? 1 : 0;
}

}  // namespace punctum
