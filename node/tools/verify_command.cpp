#include "node/tools/verify_command.hpp"

#include <iostream>
#include <nlohmann/json.hpp>

#include "config/config.hpp"
#include "dicom/dcmtk/part10.hpp"
#include "dicom/types/error.hpp"
#include "node/tools/files.hpp"
#include "node/tools/progress_line.hpp"
#include "storage/upkeep.hpp"

namespace punctum {
namespace {

constexpr std::size_t batch = 500;

/// The digest is of the data set; what stands before it must still lead there. Empty: it does.
std::string wrong_head(const StoredFile& file) try {
  const auto layout = locate_dataset(read_file_bytes(file.path, file.dataset_offset + 1024));
  const bool right =
      layout.dataset_offset == file.dataset_offset && layout.transfer_syntax_uid == file.transfer_syntax_uid;
  return right ? "" : "its file meta information is not what was stored";
} catch (const Error&) {
  return "its file meta information cannot be read";
}

std::string found_wrong(const Upkeep& upkeep, const StoredFile& file) {
  const auto condition = upkeep.examine(file, {});
  if (condition != FileCondition::whole) return std::string(to_string(condition));
  return wrong_head(file);
}

}  // namespace

VerifyReport verify_data_folder(const std::filesystem::path& data_dir) {
  const auto upkeep = Upkeep::open(data_dir, /*read_only=*/true);
  VerifyReport report;
  ProgressLine progress("verify", upkeep->instances());
  for (std::int64_t position = 0;;) {
    const auto files = upkeep->files_after(position, batch);
    if (files.empty()) break;
    for (const auto& file : files) {
      position = file.sequence;
      const auto wrong = found_wrong(*upkeep, file);
      if (!wrong.empty() && !upkeep->still_stored(file)) continue;  // removed while we looked
      ++report.instances;
      report.bytes += file.file_size;
      if (!wrong.empty()) {
        report.damaged.push_back(
            {file.name.sop_instance_uid.str(), file.name.study_instance_uid.str(), file.path.string(), wrong});
      }
      progress.show(report.instances, std::to_string(report.damaged.size()) + " damaged");
    }
  }
  progress.finish();
  report.files_without_row = upkeep->files_without_row();
  report.index_faults = upkeep->index_faults();
  return report;
}

std::string verify_as_text(const VerifyReport& report) {
  std::string text;
  for (const auto& one : report.damaged) {
    text += "damaged  " + one.sop_instance_uid + "  " + one.found + "\n         study " + one.study_instance_uid +
            "\n         file  " + one.file + "\n";
  }
  for (const auto& file : report.files_without_row) text += "not in the index  " + file + "\n";
  for (const auto& fault : report.index_faults) text += "index  " + fault + "\n";
  text += std::to_string(report.instances) + " instances, " + std::to_string(report.bytes >> 20) + " MiB: ";
  text += report.sound()
              ? "all are what was stored, and files and index agree\n"
              : std::to_string(report.damaged.size()) + " damaged, " + std::to_string(report.files_without_row.size()) +
                    " files not in the index, " + std::to_string(report.index_faults.size()) + " faults in the index\n";
  return text;
}

std::string verify_as_json(const VerifyReport& report) {
  auto damaged = nlohmann::json::array();
  for (const auto& one : report.damaged) {
    damaged.push_back({{"sop_instance_uid", one.sop_instance_uid},
                       {"study_instance_uid", one.study_instance_uid},
                       {"file", one.file},
                       {"found", one.found}});
  }
  const nlohmann::json out{{"instances", report.instances},
                           {"bytes", report.bytes},
                           {"sound", report.sound()},
                           {"damaged", std::move(damaged)},
                           {"files_without_row", report.files_without_row},
                           {"index_faults", report.index_faults}};
  return out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

int run_verify(const VerifyOptions& options) {
  const auto report = verify_data_folder(load_config(options.config).data_dir);
  std::cout << (options.json ? verify_as_json(report) : verify_as_text(report));
  return report.sound() ? 0 : 1;
}

}  // namespace punctum
